//! The defects of a scenario, and the property that is meant to fail.

use crate::check::{Checker, General};
use crate::model::Defect;
use crate::platform::Plan;
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::file::File;
use crate::scenario::nearest;
use crate::scenario::place::{Complaints, Place};
use crate::scenario::plant::no_defect;

/// The defects that a file names. Reports unknown ones, and an unknown property.
pub(super) fn resolve<D: ScenarioDomain>(
    file: &File<D>,
    complaints: &mut Complaints,
) -> Vec<&'static Defect> {
    let top = Place::top();
    let mut defects = Vec::new();
    for (nth, id) in file.defects.iter().enumerate() {
        match Plan::<D>::defect_named(id) {
            Some(defect) => defects.push(defect),
            None => {
                let (message, hint) = no_defect::<D>(id);
                complaints.add(top.field("defects").item(nth), message, hint);
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
