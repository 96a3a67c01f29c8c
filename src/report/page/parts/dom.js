// A small virtual tree. Views return what the page is to be; `patch` changes the document where it differs.
//
// Text reaches the document only as text nodes and attributes, never as markup, so that a name from a scenario
// stays a name. Geometry is set through the style object, which the content security policy allows.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
const TEXT = '#text';

// An element of the tree. Children may be nested lists; null, undefined and false are left out.
export function h(tag, props, ...children) {
  const list = [];
  collect(children, list);
  return { tag, props: props ?? NO_PROPS, children: list, key: props?.key, element: null };
}

// An element that is made anew only if one of `deps` has changed.
export function memo(key, deps, make) {
  return { tag: 'memo', key, deps, make, made: null, element: null };
}

const NO_PROPS = Object.freeze({});

function collect(from, into) {
  for (const child of from) {
    if (child === null || child === undefined || child === false || child === true) continue;
    if (Array.isArray(child)) collect(child, into);
    else if (typeof child === 'object') into.push(child);
    else into.push({ tag: TEXT, text: String(child), key: undefined, element: null });
  }
}

// Makes the children of `parent` those of `next`, where `before` describes what is there.
export function patch(parent, before, next) {
  patchChildren(parent, before ?? [], next);
  return next;
}

function create(node, parent) {
  if (node.tag === TEXT) return (node.element = document.createTextNode(node.text));
  if (node.tag === 'memo') {
    node.made = node.make();
    return (node.element = create(node.made, parent));
  }
  const isSvg = node.tag === 'svg' || (parent.namespaceURI === SVG_NAMESPACE && parent.localName !== 'foreignObject');
  const element = isSvg ? document.createElementNS(SVG_NAMESPACE, node.tag) : document.createElement(node.tag);
  node.element = element;
  for (const child of node.children) element.append(create(child, element));
  // Properties follow the children: a select has its options before its value.
  setProps(element, NO_PROPS, node.props);
  node.props.hook?.(element);
  return element;
}

function update(old, node, parent) {
  if (node.tag === TEXT) {
    node.element = old.element;
    if (old.text !== node.text) node.element.data = node.text;
    return;
  }
  if (node.tag === 'memo') {
    if (old.deps.length === node.deps.length && old.deps.every((dep, k) => Object.is(dep, node.deps[k]))) {
      node.made = old.made;
      node.element = old.element;
      return;
    }
    node.made = node.make();
    if (old.made.tag === node.made.tag) update(old.made, node.made, parent);
    else old.element.replaceWith(create(node.made, parent));
    node.element = node.made.element;
    return;
  }
  node.element = old.element;
  patchChildren(node.element, old.children, node.children);
  setProps(node.element, old.props, node.props);
  node.props.hook?.(node.element);
}

// The children that stay are found first and the others removed, so that what stays is not moved without need:
// an element that is moved loses its focus and its scroll position.
function patchChildren(parent, old, next) {
  const matches = matched(old, next);
  const kept = new Set(matches);
  for (const child of old) if (!kept.has(child)) child.element.remove();
  let place = parent.firstChild;
  next.forEach((node, k) => {
    const match = matches[k];
    if (!match) {
      parent.insertBefore(create(node, parent), place);
      return;
    }
    if (match.element === place) place = place.nextSibling;
    else parent.insertBefore(match.element, place);
    update(match, node, parent);
  });
}

// For each new child the old one that it continues: the one with its key, or else the next one without a key if
// it is of the same kind. A row of a table that ends is used again for one that is new: to change one costs less than
// to make one.
function matched(old, next) {
  let keyed = null;
  let at = 0;
  const found = next.map(node => {
    if (node.key !== undefined) {
      keyed ??= new Map(old.filter(child => child.key !== undefined).map(child => [child.key, child]));
      const same = keyed.get(node.key);
      keyed.delete(node.key);
      return same?.tag === node.tag ? same : null;
    }
    while (at < old.length && old[at].key !== undefined) at += 1;
    const candidate = old[at];
    at += 1;
    return candidate?.tag === node.tag ? candidate : null;
  });
  const spare = keyed ? [...keyed.values()].filter(child => child.tag === 'tr') : [];
  return spare.length === 0 ? found : found.map((match, k) => match ?? (next[k].tag === 'tr' ? spare.shift() ?? null : null));
}

function setProps(element, old, next) {
  for (const name in old) if (!(name in next)) setProp(element, name, old[name], undefined);
  for (const name in next) {
    // What a person has typed or moved may differ from what was last set.
    if (old[name] !== next[name] || name === 'value' || name === 'checked') setProp(element, name, old[name], next[name]);
  }
}

function setProp(element, name, old, value) {
  if (name === 'key' || name === 'hook') return;
  if (name.startsWith('on')) element[name] = value ?? null;
  else if (name === 'css') setCss(element.style, old ?? NO_PROPS, value ?? NO_PROPS);
  else if (name === 'value' || name === 'checked') {
    if (element[name] !== value) element[name] = value ?? '';
  } else if (value === undefined || value === null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : value);
}

function setCss(style, old, next) {
  for (const name in old) if (!(name in next)) style.removeProperty(name);
  for (const name in next) if (old[name] !== next[name]) style.setProperty(name, next[name]);
}
