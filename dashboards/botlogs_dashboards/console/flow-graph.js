// Draws a flow as SVG: what ran, which way, what was not taken; and heat over many conversations.

import { h, replace, svg } from "./element.js";
import { icon } from "./icons.js";
import { counted, visible } from "./format.js";
import { placeFlow } from "./flow-layout.js";
import { edgeKey } from "./path.js";

const NODE = { width: 176, height: 46 };
const SMALLEST_SCALE = 0.15;
/** Names of nodes can still be read at this scale. */
const READABLE_SCALE = 0.72;
const NAME_CHARACTERS = 22; // of the widest letters that names usually have
const LABEL_CHARACTERS = 26;
const LABEL_CHARACTER_PX = 6;

export class FlowGraph {
  /** *on* = `{choose(nodeId)}`. */
  constructor(on) {
    this.on = on;
    this.view = { x: 0, y: 0, scale: 1 };
    this.canvas = svg("g", {});
    this.picture = svg("svg", { class: "flow", role: "group", "aria-label": "Flow" }, markers(), this.canvas);
    this.notes = h("p", { class: "notes", role: "status" });
    this.element = h("div", { class: "flow-frame" }, this.picture, this.#controls(), this.notes);
    this.#handle();
    new ResizeObserver(() => this.again?.()).observe(this.picture);
  }

  /**
   * Draw *flow* (see flow-model.js). *marks* = `{focus, visited: Map(id → count), taken: Map, edge: {from, to}, failed: Set,
   * heat: id → 0..1, label: id → text}`; all of them optional.
   */
  async show(flow, marks = {}) {
    const shape = `${flow.id}\n${flow.version}\n${flow.nodes.map(({ id }) => id).join()}\n${flow.edges.length}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.placing = placeFlow({ nodes: flow.nodes.map(({ id }) => ({ id, ...NODE })), edges: flow.edges.map(({ from, to }) => ({ from, to })) });
    }
    const placed = await this.placing;
    if (shape !== this.shape) return;
    this.placed = includeLabels(placed, flow.edges);
    this.flow = flow;
    this.picture.setAttribute("aria-label", `Flow ${visible(flow.name)}, ${counted(flow.nodes.length, "node")}`);
    this.canvas.replaceChildren(...this.#edges(flow, marks), ...flow.nodes.map((node) => this.#node(node, marks)));
    replace(this.notes, flow.notes.join(" "));
    this.notes.hidden = !flow.notes.length;
    if (marks.focus) this.centre(marks.focus);
    else this.fit();
  }

  /** Bring *nodeId* into the middle, with its neighbours as far as all can still be read. */
  centre(nodeId) {
    const node = this.placed?.nodes.get(nodeId);
    if (!node) return this.fit();
    this.again = () => this.centre(nodeId);
    const { width, height } = this.#size();
    const reach = this.#reach(nodeId, node);
    const scale = Math.min(1, width / (NODE.width * 2.1), Math.max(READABLE_SCALE, Math.min(width / reach.width, height / reach.height)));
    this.#look({ scale, x: width / 2 - node.x * scale, y: height / 2 - node.y * scale });
  }

  /** The size of a picture with *node* in the middle that holds all its neighbours. */
  #reach(nodeId, { x, y }) {
    const beside = this.flow.edges.filter(({ from, to }) => from === nodeId || to === nodeId).map(({ from, to }) => this.placed.nodes.get(from === nodeId ? to : from));
    const most = (distances) => 2 * Math.max(0, ...distances) + 24;
    return { width: most(beside.map((one) => Math.abs(one.x - x))) + NODE.width, height: most(beside.map((one) => Math.abs(one.y - y))) + NODE.height };
  }

  fit() {
    if (!this.placed) return;
    this.again = () => this.fit();
    const { width, height } = this.#size();
    const { left, top, right, bottom } = this.placed.bounds;
    const scale = Math.max(SMALLEST_SCALE, Math.min(1, width / (right - left), height / (bottom - top)));
    this.#look({ scale, x: (width - (left + right) * scale) / 2, y: Math.max(-top * scale, (height - (top + bottom) * scale) / 2) });
  }

  zoom(by) {
    const { width, height } = this.#size();
    this.#zoomAt(by, width / 2, height / 2);
  }

  #node(node, { focus, visited, failed, heat, label }) {
    const { x, y } = this.placed.nodes.get(node.id);
    const ran = visited?.get(node.id) ?? 0;
    const chosen = node.id === focus;
    const state = [ran ? "ran" : "", chosen ? "focus" : "", failed?.has(node.id) ? "failed" : "", node.unauthored ? "unauthored" : "", visited && !ran ? "unvisited" : ""];
    const detail = label ? label(node) : [node.type, ran > 1 ? `ran ${ran} times` : ""].filter(Boolean).join(" · ");
    const box = svg("rect", { x: -NODE.width / 2, y: -NODE.height / 2, width: NODE.width, height: NODE.height, rx: 8 });
    if (heat) box.style.setProperty("--heat", String(heat(node)));
    const group = svg("g", {
      class: `node ${state.filter(Boolean).join(" ")}${heat ? " heated" : ""}`, transform: `translate(${x} ${y})`, role: "button", tabindex: chosen || (!focus && node === this.flow?.nodes[0]) ? "0" : "-1",
      "aria-label": visible(`${node.name}${detail ? `, ${detail}` : ""}${chosen ? ", chosen" : ""}`), "data-node": node.id,
      onclick: () => this.on.choose(node.id),
      onkeydown: (event) => this.#nodeKey(event, node.id),
    }, svg("title", {}, visible(`${node.name}\n${detail}`)), box,
    svg("text", { class: "name", y: detail ? -3 : 4 }, short(visible(node.name), NAME_CHARACTERS)),
    detail ? svg("text", { class: "detail", y: 13 }, short(visible(detail), 30)) : null);
    return group;
  }

  #edges(flow, { taken, edge: chosen }) {
    const drawn = [];
    for (const edge of flow.edges) {
      const points = this.placed.lines.get(edgeKey(edge.from, edge.to)) ?? [];
      if (!points.length) continue;
      const went = taken?.has(edgeKey(edge.from, edge.to));
      const isChosen = chosen && chosen.from === edge.from && chosen.to === edge.to;
      const state = [went ? "taken" : taken ? "not-taken" : "", isChosen ? "chosen" : ""].filter(Boolean).join(" ");
      drawn.push(svg("path", { class: `edge ${state}`, d: curve(points), "marker-end": `url(#${went ? "arrow-taken" : "arrow"})` }));
      if (edge.label) drawn.push(edgeLabel(edge.label, points, state));
    }
    return drawn;
  }

  #nodeKey(event, id) {
    if (event.key === "Enter" || event.key === " ") this.on.choose(id);
    else if (event.key.startsWith("Arrow")) this.#walk(id, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The arrow keys go to the nearest node in that direction. */
  #walk(id, key) {
    const from = this.placed.nodes.get(id);
    const [dx, dy] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
    let best = null;
    for (const [other, place] of this.placed.nodes) {
      const [ox, oy] = [place.x - from.x, place.y - from.y];
      const along = ox * dx + oy * dy;
      if (other === id || along <= 0) continue;
      const cost = along + 2 * Math.abs(ox * dy + oy * dx);
      if (!best || cost < best.cost) best = { other, cost };
    }
    if (!best) return;
    const element = [...this.canvas.querySelectorAll(".node")].find((node) => node.dataset.node === best.other);
    this.centre(best.other);
    element?.focus({ preventScroll: true });
  }

  #controls() {
    const button = (name, label, act) => h("button", { type: "button", title: label, "aria-label": label, onclick: act }, icon(name));
    return h("div", { class: "flow-controls" }, button("plus", "Zoom in", () => this.zoom(1.3)), button("minus", "Zoom out", () => this.zoom(1 / 1.3)), button("fit", "Show the whole flow", () => this.fit()));
  }

  #handle() {
    let drag = null;
    this.picture.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && !event.target.closest(".node")) drag = { x: event.clientX - this.view.x, y: event.clientY - this.view.y };
    });
    this.picture.addEventListener("pointermove", (event) => {
      if (drag && event.buttons) this.#move({ ...this.view, x: event.clientX - drag.x, y: event.clientY - drag.y });
      else drag = null;
    });
    this.picture.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = this.picture.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) this.#zoomAt(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX - box.left, event.clientY - box.top);
      else this.#move({ ...this.view, x: this.view.x - event.deltaX, y: this.view.y - event.deltaY });
    }, { passive: false });
  }

  #zoomAt(by, x, y) {
    const scale = Math.min(3, Math.max(SMALLEST_SCALE, this.view.scale * by));
    const ratio = scale / this.view.scale;
    this.#move({ scale, x: x - (x - this.view.x) * ratio, y: y - (y - this.view.y) * ratio });
  }

  /** The reader moved the picture: a change of size no longer moves it back. */
  #move(view) {
    this.again = null;
    this.#look(view);
  }

  #look(view) {
    this.view = view;
    this.canvas.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
  }

  #size() {
    const { width, height } = this.picture.getBoundingClientRect();
    return { width: width || 420, height: height || 320 };
  }
}

function markers() {
  const arrow = (id, kind) => svg("marker", { id, class: kind, viewBox: "0 0 8 8", refX: "7", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto-start-reverse" }, svg("path", { d: "M0 0.5 L7.5 4 L0 7.5 z" }));
  return svg("defs", {}, arrow("arrow", "arrow"), arrow("arrow-taken", "arrow taken"));
}

/** A smooth line through dagre's points. */
function curve(points) {
  const [first, ...rest] = points;
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, at) => {
    const next = rest[at + 1];
    path += next ? `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}` : `L${point.x} ${point.y}`;
  });
  return path;
}

function edgeLabel(text, points, state) {
  const middle = points[Math.floor(points.length / 2)];
  return svg("text", { class: `edge-label ${state}`, x: middle.x, y: middle.y - 3 }, short(visible(text), LABEL_CHARACTERS));
}

/** The whole flow is in sight only with what is written at its edges. */
function includeLabels(placed, edges) {
  const { lines, bounds } = placed;
  for (const { from, to, label } of edges) {
    const points = lines.get(edgeKey(from, to));
    if (!label || !points?.length) continue;
    const half = (Math.min(label.length, LABEL_CHARACTERS) * LABEL_CHARACTER_PX) / 2 + 6;
    const { x } = points[Math.floor(points.length / 2)];
    bounds.left = Math.min(bounds.left, x - half);
    bounds.right = Math.max(bounds.right, x + half);
  }
  return placed;
}

const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
