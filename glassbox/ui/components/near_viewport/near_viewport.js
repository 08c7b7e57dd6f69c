const NEAR = "300px 0px" // above and below the window

export default function ({ parentElement, setStateValue }) {
  const near = () => setStateValue("near", true)
  if (!("IntersectionObserver" in window) || matchMedia("print").matches) return void near()
  // The page scrolls in a box of its own: only scrollMargin looks beyond its edges.
  const margins = { rootMargin: NEAR, scrollMargin: NEAR }
  const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && near(), margins)
  observer.observe(parentElement.querySelector("span"))
  addEventListener("beforeprint", near)
  return () => {
    observer.disconnect()
    removeEventListener("beforeprint", near)
  }
}
