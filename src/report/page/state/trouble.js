// Faults and what they leave behind: nodes that are down, links that are cut, services that are slow.

export function applyTrouble(state, record) {
  switch (record.kind) {
    case 'fault': {
      state.faults += 1;
      const trouble = { fault: record.fault, node: record.node, peer: record.peer, until: record.until, since: record.i };
      if (record.down) state.nodes[record.node] = { isDown: true, until: record.until, since: record.i };
      if (record.until > record.at) state.troubles.set(`${record.fault} ${record.node} ${record.peer}`, trouble);
      return true;
    }
    case 'restarted':
      state.nodes[record.node] = { isDown: false, until: -1, since: record.i };
      return true;
    case 'disconnected':
      return true;
    default:
      return false;
  }
}

// The faults that are still at work at a node at this time.
export function troublesAt(state, node) {
  const found = [];
  for (const trouble of state.troubles.values()) {
    if ((trouble.node === node || trouble.peer === node) && trouble.until > state.time) found.push(trouble);
  }
  return found;
}
