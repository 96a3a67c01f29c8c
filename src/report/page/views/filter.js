// Whether a filter leaves something with these texts.
export const matches = ({ filter }, ...texts) => !filter || texts.join(' ').toLowerCase().includes(filter);
