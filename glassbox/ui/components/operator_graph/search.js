// Search among the operators and tensors of all graphs: by name, by operator, by shape ("64x56" finds "1 × 64 × 56 × 56").

// Return the places that match all words of `query`: { graph, node }, those whose operator begins with it first.
export function search(graphs, query) {
  const words = plain(query).split(" ").filter(Boolean)
  if (!words.length) return []
  const found = []
  for (const [graph, { nodes, edges, tensors }] of graphs.entries()) {
    const names = nodes.map(() => "")
    for (const [source, , tensor] of edges) names[source] = tensors[tensor].name
    for (const [node, { name, operator, shape }] of nodes.entries()) {
      const text = plain(`${operator} ${name} ${names[node]} ${shape}`)
      if (words.every((word) => text.includes(word))) found.push({ graph, node, rank: rank(plain(operator), words[0]) })
    }
  }
  return found.sort((a, b) => a.rank - b.rank)
}

const rank = (operator, word) => (operator === word ? 0 : operator.startsWith(word) ? 1 : 2)

// Small letters; the signs between the sizes of a shape are all "x".
const plain = (text) =>
  text
    .toLowerCase()
    .replace(/(?<=\w)\s*[×*]\s*(?=\w)/g, "x")
    .replace(/(?<=\d),\s*(?=\d)/g, "x")
    .trim()
