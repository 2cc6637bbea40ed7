// Places a flow's nodes: dagre in a worker where the browser allows one, so that no flow can hang the page.

import { edgeKey } from "./path.js";
import { layOut } from "./flow-dagre.js";

const PATIENCE_MS = 8_000;
const ON_THE_PAGE = 300;
const MARGIN = 12;

/**
 * Return `{nodes: Map(id → {x, y, width, height}), lines: Map(edge key → points), bounds: {left, top, right, bottom}}` for
 * *graph*, which is `{nodes: [{id, width, height}], edges: [{from, to}]}` without dangling edges.
 */
export async function placeFlow(graph) {
  const worker = startWorker();
  if (!worker) return restore(graph.nodes.length <= ON_THE_PAGE ? layOut(graph) : grid(graph));
  try {
    return restore(await answerOf(worker, graph));
  } catch {
    return restore(grid(graph));
  } finally {
    worker.terminate();
  }
}

/** A page of another origin may not start our worker; then the page itself lays out what is small. */
function startWorker() {
  try {
    return new Worker(new URL("./flow-layout-worker.js", import.meta.url), { type: "module" });
  } catch {
    return null;
  }
}

function answerOf(worker, graph) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The layout took too long.")), PATIENCE_MS);
    worker.onmessage = ({ data }) => { clearTimeout(timer); resolve(data); };
    worker.onerror = (event) => { clearTimeout(timer); event.preventDefault(); reject(new Error("The layout failed.")); };
    worker.postMessage(graph);
  });
}

/** Rows of nodes, for graphs that cannot be laid out in time. */
function grid(graph) {
  const columns = Math.ceil(Math.sqrt(graph.nodes.length));
  const nodes = graph.nodes.map((node, at) => [node.id, { x: 100 + (at % columns) * 210, y: 40 + Math.floor(at / columns) * 80, width: node.width, height: node.height }]);
  return { nodes, edges: [] };
}

function restore({ nodes, edges }) {
  const bounds = { left: 0, top: 0, right: 1, bottom: 1 };
  const include = (x, y) => {
    bounds.left = Math.min(bounds.left, x - MARGIN);
    bounds.right = Math.max(bounds.right, x + MARGIN);
    bounds.top = Math.min(bounds.top, y - MARGIN);
    bounds.bottom = Math.max(bounds.bottom, y + MARGIN);
  };
  for (const [, { x, y, width, height }] of nodes) {
    include(x - width / 2, y - height / 2);
    include(x + width / 2, y + height / 2);
  }
  for (const { points } of edges) for (const { x, y } of points) include(x, y);
  return { nodes: new Map(nodes), lines: new Map(edges.map(({ from, to, points }) => [edgeKey(from, to), points])), bounds };
}
