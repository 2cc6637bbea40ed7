// A flow as the console draws it: the API's answer made safe (cycles, doubles, dangling edges, 5,000 nodes).

/** More than this at once neither helps nor fits. */
export const SHOWN_NODES = 160;
const SHOWN_FAULTS = 3;

/**
 * Return `{id, name, version, versions, nodes, edges, byId, notes}`; every edge has both its ends. Nodes that ran but
 * are not in the definition are added with `unauthored: true`; what had to be left out is said in `notes`.
 */
export function readFlow(answer, visited = []) {
  const byId = new Map();
  const seen = new Map((answer.observed?.nodes ?? []).map((use) => [use.node_id, use]));
  for (const node of answer.nodes ?? []) {
    const id = String(node.id ?? node.node_id);
    byId.set(id, { ...node, id, name: String(node.name || id), type: String(node.type ?? ""), observed: seen.get(id) ?? {} });
  }
  for (const visit of visited) {
    if (!byId.has(visit.node_id)) byId.set(visit.node_id, { id: visit.node_id, name: visit.node_name || visit.node_id, type: visit.node_type ?? "", observed: {}, unauthored: true });
  }
  const { edges, dangling } = readEdges(answer.edges ?? [], byId);
  const faults = answer.faults ?? [];
  const notes = faults.slice(0, SHOWN_FAULTS).map((fault) => `${fault}.`);
  if (faults.length > SHOWN_FAULTS) notes.push(`And ${faults.length - SHOWN_FAULTS} more faults like these.`);
  if (dangling) notes.push(`${dangling} edges lead to nodes that the definition does not have; they are left out.`);
  return {
    id: answer.flow_id ?? answer.id, name: answer.name || answer.flow_id || answer.id, version: answer.flow_version ?? "",
    versions: answer.versions ?? [], learned: Boolean(answer.learned), observed: answer.observed ?? {}, nodes: [...byId.values()], edges, byId, notes,
  };
}


function readEdges(given, byId) {
  const edges = new Map();
  let dangling = 0;
  for (const edge of given) {
    const [from, to] = [String(edge.from ?? edge.source), String(edge.to ?? edge.target)];
    if (!byId.has(from) || !byId.has(to)) {
      dangling += 1;
      continue;
    }
    const key = `${from}\u0000${to}`;
    const known = edges.get(key);
    if (known) known.label = [known.label, edge.label].filter(Boolean).join(" / ");
    else edges.set(key, { ...edge, from, to, label: String(edge.label ?? edge.condition ?? "") });
  }
  return { edges: [...edges.values()], dangling };
}

/** The part of a big flow worth showing: *keep* first, then what is nearest to *focus*, at most `SHOWN_NODES`. */
export function neighbourhood(flow, focus, keep = []) {
  if (flow.nodes.length <= SHOWN_NODES) return flow;
  const chosen = new Set([focus, ...keep].filter((id) => flow.byId.has(id)).slice(0, SHOWN_NODES));
  const beside = neighboursOf(flow);
  const queue = chosen.size ? [...chosen] : [flow.nodes[0].id];
  for (let at = 0; at < queue.length && chosen.size < SHOWN_NODES; at += 1) {
    chosen.add(queue[at]);
    for (const id of beside.get(queue[at]) ?? []) {
      if (chosen.size < SHOWN_NODES && !chosen.has(id)) {
        chosen.add(id);
        queue.push(id);
      }
    }
  }
  const hidden = flow.nodes.length - chosen.size;
  return {
    ...flow, nodes: flow.nodes.filter(({ id }) => chosen.has(id)), edges: flow.edges.filter(({ from, to }) => chosen.has(from) && chosen.has(to)),
    notes: [...flow.notes, `${flow.nodes.length.toLocaleString("en-GB")} nodes: the ${chosen.size} nearest are drawn, ${hidden.toLocaleString("en-GB")} are not.`],
  };
}

function neighboursOf(flow) {
  const beside = new Map(flow.nodes.map(({ id }) => [id, []]));
  for (const { from, to } of flow.edges) {
    beside.get(from).push(to);
    beside.get(to).push(from);
  }
  return beside;
}
