// Shows the page in one of its languages; components and charts are set up when their language is first shown.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;:=>?@^_`{|}~"

// The text that `packed` holds: base 85 of gzip, its last word filled up with zeros.
const unpacked = async (packed) => {
  const digit = new Uint8Array(128)
  for (let i = 0; i < 85; i++) digit[ALPHABET.charCodeAt(i)] = i
  const bytes = new DataView(new ArrayBuffer((packed.length / 5) * 4))
  for (let at = 0, place = 0; at < packed.length; at += 5, place += 4) {
    let word = 0
    for (let i = 0; i < 5; i++) word = word * 85 + digit[packed.charCodeAt(at + i)]
    bytes.setUint32(place, word)
  }
  // Zeros behind the end of a gzip stream are an error to some browsers: cut where the stream says that it ends.
  for (let end = bytes.byteLength; ; end--) {
    try {
      const stream = new Blob([bytes.buffer.slice(0, end)]).stream().pipeThrough(new DecompressionStream("gzip"))
      return await new Response(stream).text()
    } catch (error) {
      if (end <= bytes.byteLength - 3) throw error
    }
  }
}

const text = (id) => document.getElementById(id).textContent
const load = (js) => import(URL.createObjectURL(new Blob([js], { type: "text/javascript" })))

const page = JSON.parse(await unpacked(text("gb-page")))
const modules = page.codes.map(() => null) // of each component, once a place of it is shown

const mountPart = async (place, part) => {
  const code = page.codes[part.code]
  modules[part.code] ??= load(code.js)
  const root = code.isolated ? place.attachShadow({ mode: "open" }) : place
  const sheet = document.createElement("style")
  sheet.textContent = code.css
  const inside = document.createElement("div")
  inside.innerHTML = code.html
  root.append(sheet, inside)
  const show = (await modules[part.code]).default
  const nothing = () => {}
  show({
    name: "",
    key: part.key,
    data: part.data,
    parentElement: root,
    setStateValue: nothing,
    setTriggerValue: nothing,
  })
}

let plotly = null // the script, once it runs
const withPlotly = () => {
  plotly ??= unpacked(text("gb-plotly")).then(
    (js) =>
      new Promise((resolve) => {
        const script = document.createElement("script")
        script.src = URL.createObjectURL(new Blob([js], { type: "text/javascript" }))
        script.onload = () => resolve(window.Plotly)
        document.head.append(script)
      }),
  )
  return plotly
}

const themed = (layout) => {
  const style = getComputedStyle(document.documentElement)
  const [ink, line] = ["--st-text-color", "--st-border-color"].map((name) => style.getPropertyValue(name).trim())
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line }
  const template = {
    layout: {
      font: { color: ink, family: style.fontFamily },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: axis,
      yaxis: axis,
    },
  }
  return { ...layout, template, autosize: true }
}

const drawChart = async (place, { figure, config }) => {
  const height = figure.layout?.height ?? 360
  place.style.height = `${height}px`
  const Plotly = await withPlotly()
  await Plotly.newPlot(place, figure.data, themed(figure.layout), { ...config, responsive: true })
}

const shown = new Map() // the main element of each language that was shown

const show = (side) => {
  if (!shown.has(side.code)) {
    const main = document.createElement("main")
    main.lang = side.tag
    main.innerHTML = side.markup
    document.querySelector(".gb-file-pages").append(main)
    shown.set(side.code, main)
    for (const place of main.querySelectorAll(".gb-part")) mountPart(place, side.parts[place.dataset.part])
    for (const place of main.querySelectorAll(".gb-chart")) drawChart(place, side.charts[place.dataset.chart])
  }
  for (const [code, main] of shown) main.hidden = code !== side.code
  document.documentElement.lang = side.tag
  document.title = side.title
  for (const button of document.querySelectorAll(".gb-file-languages button"))
    button.setAttribute("aria-pressed", button.lang === side.tag)
  const foot = document.querySelector(".gb-file-foot")
  foot.replaceChildren(side.source)
  if (page.address) {
    const link = Object.assign(document.createElement("a"), { href: page.address, textContent: page.address })
    foot.append(" ", link)
  }
}

for (const side of page.sides) {
  const button = Object.assign(document.createElement("button"), { lang: side.tag, textContent: side.name })
  button.onclick = () => show(side)
  document.querySelector(".gb-file-languages").append(button)
}
show(page.sides.at(-1))
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload())
