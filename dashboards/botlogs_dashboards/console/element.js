// Builds DOM without ever parsing text as HTML: what a bot logged can only become a text node.

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element. Functions under `on…` become listeners; null and false are left out. */
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function svg(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Replace all children of *element*. */
export function replace(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

/** A dotted name, which breaks after its dots rather than within its words. */
export function breakable(name) {
  return name.split(/(?<=[._])/).flatMap((part, at) => (at ? [h("wbr", {}), part] : part));
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
