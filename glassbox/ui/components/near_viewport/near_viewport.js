const FIRST = "0px 0px -200px 0px" // of the first screen, all but its foot
const AHEAD = "600px 0px" // above and below the window

export default function ({ parentElement, setStateValue }) {
  const near = () => setStateValue("near", true)
  if (!("IntersectionObserver" in window) || matchMedia("print").matches) return void near()

  let observer
  const watch = (margin) => {
    observer?.disconnect()
    // The page scrolls in a box of its own: only scrollMargin looks beyond its edges.
    const margins = { rootMargin: margin, scrollMargin: margin }
    observer = new IntersectionObserver(([entry]) => entry.isIntersecting && near(), margins)
    observer.observe(parentElement.querySelector("span"))
  }
  // Until the visitor scrolls, only what is well in the window: the page itself comes first.
  const ahead = () => watch(AHEAD)
  watch(FIRST)
  addEventListener("scroll", ahead, { once: true, capture: true })
  addEventListener("beforeprint", near)
  return () => {
    observer.disconnect()
    removeEventListener("scroll", ahead, { capture: true })
    removeEventListener("beforeprint", near)
  }
}
