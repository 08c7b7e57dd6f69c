import assert from "node:assert/strict"
import { mock, test } from "node:test"
import {
  announce,
  element,
  forget,
  onPlainClick,
  remembered,
  setAttributes,
  svgElement,
} from "../../../glassbox/ui/components/_shared/dom.js"

function fakeElement(tag, space = "html") {
  const made = { tag, space, attributes: {}, children: [] }
  made.append = (child) => made.children.push(child)
  made.setAttribute = (name, value) => {
    made.attributes[name] = value
  }
  return made
}

globalThis.document = {
  createElement: (tag) => fakeElement(tag),
  createElementNS: (space, tag) => fakeElement(tag, space),
}

test("an element has its class, its text and its place", () => {
  const parent = element("div")
  const child = element("b", "strong", parent, "text")
  assert.deepEqual(parent.children, [child])
  assert.deepEqual([child.tag, child.className, child.textContent], ["b", "strong", "text"])
  assert.equal("className" in parent, false)
  assert.equal("textContent" in parent, false)
  assert.equal(element("p", "", null, "").textContent, "")
})

test("an SVG element has its attributes", () => {
  const svg = svgElement("svg", { viewBox: "0 0 1 1" })
  const text = svgElement("text", { x: 1, y: 2 }, svg, 5)
  assert.equal(svg.space, "http://www.w3.org/2000/svg")
  assert.deepEqual(svg.children, [text])
  assert.deepEqual([text.attributes, text.textContent], [{ x: 1, y: 2 }, 5])
  setAttributes(text, { x: 3 })
  assert.deepEqual(text.attributes, { x: 3, y: 2 })
})

test("what a component remembers is made once for each root, until it is forgotten", () => {
  const [one, other] = [{}, {}]
  const create = mock.fn((root) => ({ root }))
  const first = remembered(one, create)
  assert.equal(remembered(one, create), first)
  assert.equal(remembered(other, create).root, other)
  forget(one)
  assert.notEqual(remembered(one, create), first)
  assert.equal(create.mock.callCount(), 3)
})

test("what is announced goes after a while, unless something else was said", (context) => {
  mock.timers.enable({ apis: ["setTimeout"] })
  context.after(() => mock.timers.reset())
  const status = {}
  announce(status, "one")
  mock.timers.tick(2000)
  announce(status, "two")
  mock.timers.tick(2000)
  assert.equal(status.textContent, "two")
  mock.timers.tick(1000)
  assert.equal(status.textContent, "")
})

test("a plain click stays in the visit, others open the link", () => {
  const link = {}
  const go = mock.fn()
  onPlainClick(link, go)
  const click = (keys) => {
    const event = { preventDefault: mock.fn(), ...keys }
    link.onclick(event)
    return event.preventDefault.mock.callCount()
  }
  assert.equal(click({}), 1)
  assert.deepEqual([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }].map(click), [0, 0, 0])
  assert.equal(go.mock.callCount(), 1)
})
