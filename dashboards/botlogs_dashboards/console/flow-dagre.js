// dagre, told what a flow looks like; runs in the worker and on the page alike.

import { Graph, layout } from "./vendor/dagre.js";

/** From here on the few edges to turn round are sought: 150 nodes with 300 edges then take a quarter of the time. */
const MANY_EDGES = 200;

export function layOut({ nodes, edges }) {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 44, marginx: 16, marginy: 16, acyclicer: edges.length > MANY_EDGES ? "greedy" : undefined, ranker: nodes.length > 200 ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { from, to } of edges) graph.setEdge(from, to, {});
  layout(graph);
  return {
    nodes: nodes.map(({ id }) => [id, pick(graph.node(id))]),
    edges: edges.map(({ from, to }) => ({ from, to, points: graph.edge(from, to)?.points ?? [] })),
  };
}

const pick = ({ x, y, width, height }) => ({ x, y, width, height });
