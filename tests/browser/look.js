// What an open page shows that no visitor should meet. tests/browser/walk.py runs this in the page and asks `look`.
;(() => {
  const QUICK = { resultTypes: ["violations"], preload: false }
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]"
  const ROVING = "[role=radiogroup], [role=tablist], [role=listbox], [role=menu], [role=toolbar], [role=grid]"
  const looks = new Map()
  let begun = []
  let reached = []

  const main = () => document.querySelector('[data-testid="stMain"]')
  const parent = (element) => element.parentElement ?? element.getRootNode().host
  const named = (element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}: ${(element.getAttribute("aria-label") || element.textContent).trim().slice(0, 60)}`

  function* deep(root) {
    for (const element of root.children) {
      yield element
      yield* deep(element)
      if (element.shadowRoot) yield* deep(element.shadowRoot)
    }
  }

  function style(element) {
    if (!looks.has(element)) looks.set(element, getComputedStyle(element))
    return looks.get(element)
  }

  const holds = (box, clip, axis) =>
    axis === "X"
      ? box.left >= clip.left - 1 && box.right <= clip.right + 1
      : box.top >= clip.top - 3 && box.bottom <= clip.bottom + 3

  /** Return whether what is in `box`, within `element`, is cut off by an ancestor that does not scroll. */
  function cut(box, element) {
    const open = new Set(["X", "Y"])
    for (let above = element; above && open.size; above = parent(above)) {
      const { display, position, overflowX, overflowY } = style(above)
      if ((display === "inline" && !(above instanceof SVGElement)) || display === "contents") continue
      const clip = above.getBoundingClientRect()
      if (clip.width <= 2 || clip.height <= 2) return false // for screen readers alone, or folded away
      for (const axis of open) {
        const overflow = axis === "X" ? overflowX : overflowY
        if (overflow === "auto" || overflow === "scroll") open.delete(axis)
        else if (overflow !== "visible" && !holds(box, clip, axis)) return true
      }
      if (position === "fixed") return false
    }
    return false
  }

  /** Yield each text of the page that is seen or would be, [its element, its box]. */
  function* texts() {
    const range = document.createRange()
    for (const element of deep(main())) {
      if (element.matches("script, style, textarea, option")) continue
      for (const node of element.childNodes) {
        if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue
        range.selectNodeContents(node)
        const box = range.getBoundingClientRect()
        if (box.width && style(element).visibility === "visible") yield [element, box]
      }
    }
  }

  function cutLabels() {
    const found = []
    for (const [element, box] of texts()) {
      if (Number(style(element).opacity) !== 0 && cut(box, element)) found.push(named(element))
    }
    return found
  }

  /** Return the first words of the page where they are not its title. */
  function above() {
    for (const [element] of texts()) return element.closest("h1") ? [] : [named(element)]
    return []
  }

  /** Return what a visitor would trip over at once. */
  function seen() {
    looks.clear()
    const all = (selector) => [...document.querySelectorAll(selector)].map(named)
    const wider = Math.max(document.documentElement.scrollWidth - innerWidth, main().scrollWidth - main().clientWidth)
    return {
      exception: all('[data-testid="stException"]'),
      "red box": all('[data-testid="stAlertContentError"]'),
      "horizontal scroll": wider > 1 ? [`${wider} px`] : [],
      "cut off": cutLabels(),
      "above the title": above(),
      empty: main().textContent.trim().length < 40 ? [main().textContent] : [],
    }
  }

  /** Return the faults that axe-core finds. Contrast, which takes axe ten times as long as all other rules together, is
   * looked at once for each look that words have: colour, size, weight, and all grounds and opacities below them. */
  async function faults() {
    const words = new Map()
    const walk = (root, behind) => {
      for (const element of root.children) {
        const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight } = getComputedStyle(element)
        const ground = `${opacity} ${backgroundColor} ${backgroundImage}`
        const under = ground === "1 rgba(0, 0, 0, 0) none" ? behind : `${behind} ${ground}`
        const has = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
        const { width, bottom } = element.getBoundingClientRect()
        if (has && width && bottom < innerHeight) words.set([color, fontSize, fontWeight, under].join(), element)
        walk(element, under)
        if (element.shadowRoot) walk(element.shadowRoot, under)
      }
    }
    walk(document.body, "")
    const apart = { ...QUICK, rules: { "color-contrast": { enabled: false } } }
    const contrast = { ...QUICK, runOnly: ["color-contrast"] }
    const found = [
      await window.axe.run(document, apart),
      await window.axe.run({ include: [...words.values()] }, contrast),
    ]
    const told = ({ impact, id, nodes }) => [impact, id, nodes.map(({ html }) => html)]
    return found.flatMap(({ violations }) => violations.map(told))
  }

  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0

  /** Return the controls of the page's main part that a visitor may use by the mouse. */
  const controls = () =>
    [...deep(main())].filter((one) => one.matches(FOCUSABLE) && !one.disabled && shown(one) && !one.closest("[inert]"))

  /** Return how an element looks, with what stands around and in it: a ring may be drawn there. */
  function looksLike(element) {
    const around = [element, ...element.children, ...(element.parentElement?.children ?? [])]
    for (let above = parent(element), steps = 0; above && steps < 3; above = parent(above), steps++) around.push(above)
    const drawn = (one, part) => {
      const { outline, boxShadow, border, background, color, fill, stroke, strokeWidth, opacity } = getComputedStyle(
        one,
        part,
      )
      return [outline, boxShadow, border, background, color, fill, stroke, strokeWidth, opacity].join()
    }
    return [
      ...around.slice(0, 40).map((one) => drawn(one)),
      drawn(element, "::before"),
      drawn(element, "::after"),
    ].join()
  }

  const active = () => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element
  }

  /** Put the focus on the page's main part. Returns how many stops of the Tab key are in it. */
  function beginTabbing() {
    begun = controls().filter((one) => one.tabIndex >= 0)
    reached = []
    main().focus()
    return begun.length
  }

  /** Wait until what an event changed is drawn: some controls are dressed by React, a moment later. */
  async function drawn() {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  }

  /** Note what has the focus and how it looks. Returns whether it has left the page's main part. */
  async function noteFocus() {
    await drawn()
    const element = active()
    let above = element
    while (above && above !== main()) above = parent(above)
    if (!above || element === main()) return true
    if (!reached.some((stop) => stop.element === element)) reached.push({ element, focused: looksLike(element) })
    return false
  }

  /** Return the controls that were there and that Tab did not reach, and those that do not show the focus. */
  async function endTabbing() {
    active()?.blur()
    await drawn()
    const stops = new Set(reached.map(({ element }) => element))
    const grouped = (one) =>
      [...stops].some(
        (stop) =>
          (one.type === "radio" && stop.type === "radio" && stop.name === one.name) ||
          one.closest(ROVING)?.contains(stop),
      )
    return {
      "not reached by Tab": controls()
        .filter((one) => one.tabIndex >= 0 && !stops.has(one) && !grouped(one))
        .map(named),
      "focus not seen": reached
        .filter(({ element, focused }) => element.isConnected && looksLike(element) === focused)
        .map(({ element }) => named(element)),
    }
  }

  window.look = { seen, faults, beginTabbing, noteFocus, endTabbing }
})()
