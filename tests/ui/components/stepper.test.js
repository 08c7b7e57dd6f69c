import assert from "node:assert/strict"
import { test } from "node:test"
import { beginSteps } from "../../../glassbox/ui/components/stepper/containers.js"
import { thickness, way } from "../../../glassbox/ui/components/stepper/threads.js"

test("a thread grows with its share, and is seen however small that is", () => {
  const widths = [0, 0.25, 0.5, 1].map(thickness)
  assert.ok(widths[0] >= 1)
  assert.ok(Math.abs(widths[2] - widths[1] - (widths[1] - widths[0])) < 1e-9) // in proportion
  assert.equal(thickness(3), widths[3])
})

test("a thread goes from cell to cell", () => {
  assert.equal(way([0, 10], [40, 30]), "M0 10C20 10 20 30 40 30")
})

test("of the containers of the steps one is shown, until the page is left", () => {
  globalThis.CSS = { escape: (text) => text }
  const rules = { textContent: "", isConnected: false, remove: () => (rules.isConnected = false) }
  const documentElement = { dataset: {} }
  const page = { documentElement, createElement: () => rules, head: { append: () => (rules.isConnected = true) } }
  const steps = beginSteps(page)
  steps.show("beat", 1, 3)
  assert.match(rules.textContent, /beat_0\).*beat_2\).* { display: none/)
  assert.doesNotMatch(rules.textContent, /beat_1/)
  assert.equal(documentElement.dataset.steps, "beat")
  steps.end()
  assert.ok(!rules.isConnected && !("steps" in documentElement.dataset))
})
