// Whether the graph answers at all; reads nothing of any brand. out: ready
RETURN true AS ready
