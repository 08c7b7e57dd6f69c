import assert from "node:assert/strict"
import { test } from "node:test"
import { retell, whenBack } from "../../../glassbox/ui/components/copy_link/connection.js"
import { differInDigit, keepDigitOutOfHistory } from "../../../glassbox/ui/components/copy_link/history.js"

test("another digit is told from another choice", () => {
  assert.ok(differInDigit("?lang=en&d=one", "?lang=en&d=two"))
  assert.ok(differInDigit("?lang=en&d=one&digits=both", "?d=two&lang=en"))
  assert.ok(!differInDigit("?lang=en&d=one", "?lang=zh&d=one"))
  assert.ok(!differInDigit("?lang=en&d=one", "?lang=en&d=two&neuron=4"))
  assert.ok(!differInDigit("?lang=en&d=one&neuron=4", "?lang=en&d=two"))
})

test("a digit replaces a step of the history, all else is one", () => {
  const steps = []
  const history = {
    pushState: (_state, _title, address) => steps.push(`push ${address}`),
    replaceState: (_state, _title, address) => steps.push(`replace ${address}`),
  }
  const location = { href: "http://localhost/?lang=en&d=1", pathname: "/", search: "?lang=en&d=1" }
  keepDigitOutOfHistory(history, location)
  keepDigitOutOfHistory(history, location) // once is enough
  for (const address of ["/?lang=en&d=2", "/mlp?lang=en&d=2", "/?lang=zh&d=1"]) history.pushState({}, "", address)
  assert.deepEqual(steps, ["replace /?lang=en&d=2", "push /mlp?lang=en&d=2", "push /?lang=zh&d=1"])
})

test("Streamlit's dialog about its server is told in the page's words, and no other", () => {
  const dialog = (words) => {
    const sentence = { textContent: "Streamlit server is not responding." }
    const title = { textContent: words, nextElementSibling: { firstElementChild: sentence } }
    return { title, sentence, querySelector: () => title }
  }
  const said = { title: "服务器没有回应", text: "页面上的内容仍可阅读。" }
  const [its, other] = [dialog("Connection error"), dialog("Choose a country")]
  for (const node of [its, other, { querySelector: () => null }, {}]) retell(node, said)
  assert.deepEqual([its.title.textContent, its.sentence.textContent], [said.title, said.text])
  assert.equal(other.title.textContent, "Choose a country")
})

test("the page runs again when the connection is back, and only then", () => {
  const runs = []
  const tell = whenBack(() => runs.push("run"))
  for (const state of ["CONNECTED", "CONNECTED"]) tell(state)
  assert.equal(runs.length, 0)
  for (const state of ["PINGING_SERVER", "CONNECTING", "CONNECTED", "CONNECTED"]) tell(state)
  assert.equal(runs.length, 1)
})
