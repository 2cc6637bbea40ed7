// The way a conversation took through its flows: visits of nodes, edges taken, branches not taken.

/** The visits in time order: `{node_id, node_name, flow_id, flow_version, node_action_id, t, item, problem}`. */
export function visitsOf(items) {
  const visits = new Map();
  for (const item of items) {
    if (!item.node_id) continue;
    const key = item.node_action_id || item.span_id || item.key;
    const visit = visits.get(key);
    if (!visit) visits.set(key, { ...pick(item), t: item.t, item, problem: isError(item) });
    else visit.problem ||= isError(item);
  }
  return [...visits.values()].sort((a, b) => (a.t < b.t ? -1 : a.t > b.t ? 1 : 0));
}

const pick = ({ node_id, node_name, node_type, flow_id, flow_version, node_action_id }) =>
  ({ node_id, node_name, node_type, flow_id, flow_version, node_action_id });

const isError = (item) => /^(error|fatal)/i.test(item.severity ?? "");

/** Edges gone along within *flowId*, by `"from to"`, with how often and when first. */
export function takenEdges(visits, flowId) {
  const taken = new Map();
  const inFlow = visits.filter((visit) => !flowId || visit.flow_id === flowId);
  inFlow.slice(1).forEach((visit, at) => {
    const key = edgeKey(inFlow[at].node_id, visit.node_id);
    const edge = taken.get(key) ?? { count: 0, t: visit.t, from: inFlow[at], to: visit };
    edge.count += 1;
    taken.set(key, edge);
  });
  return taken;
}

export const edgeKey = (from, to) => `${from}\u0000${to}`;

/** The edges that leave *nodeId* in the authored flow and that this conversation never went along. */
export function branchesNotTaken(flow, nodeId, taken) {
  return flow.edges.filter((edge) => edge.from === nodeId && !taken.has(edgeKey(edge.from, edge.to)));
}

/**
 * Two paths side by side: rows of `{left, right, same}`, by the longest common subsequence of node ids.
 * Paths longer than 2,000 visits are compared by position, so that the page never hangs.
 */
export function alignPaths(left, right) {
  if (left.length * right.length > 4_000_000) return byPosition(left, right);
  const lengths = commonLengths(left, right);
  const rows = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i].node_id === right[j].node_id) {
      rows.push({ left: left[i++], right: right[j++], same: true });
    } else if (j >= right.length || (i < left.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      rows.push({ left: left[i++], right: null, same: false });
    } else {
      rows.push({ left: null, right: right[j++], same: false });
    }
  }
  return rows;
}

function commonLengths(left, right) {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = left[i].node_id === right[j].node_id ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

function byPosition(left, right) {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => ({
    left: left[at] ?? null, right: right[at] ?? null, same: left[at]?.node_id === right[at]?.node_id,
  }));
}
