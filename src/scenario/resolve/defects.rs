//! The defects of a scenario, and the property that is meant to fail.

use crate::check::{Checker, General};
use crate::model::Defects;
use crate::platform::{PLATFORM_DEFECTS, defect_named};
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::file::File;
use crate::scenario::nearest;
use crate::scenario::place::{Complaints, Place};

/// The defects that a file names. Reports unknown ones, and an unknown property.
pub(super) fn resolve<D: ScenarioDomain>(file: &File<D>, complaints: &mut Complaints) -> Defects {
    let top = Place::top();
    let mut defects = Defects::default();
    for (nth, id) in file.defects.iter().enumerate() {
        match defect_named(id) {
            Some(defect) => defects = defects.with(defect),
            None => {
                let known: Vec<&str> = PLATFORM_DEFECTS.iter().map(|defect| defect.id).collect();
                let place = top.field("defects").item(nth);
                let message = format!("there is no defect `{id}`");
                complaints.add(place, message, nearest::hint(id, &known).unwrap_or_default());
            }
        }
    }
    if let Some(property) = &file.fails {
        let all = General::<D>::PROPERTIES.iter().chain(D::Properties::PROPERTIES);
        let known: Vec<&str> = all.map(|property| property.id).collect();
        if !known.contains(&property.as_str()) {
            let message = format!("there is no property `{property}`");
            let hint = nearest::hint(property, &known).unwrap_or_default();
            complaints.add(top.field("fails"), message, hint);
        }
    }
    defects
}
