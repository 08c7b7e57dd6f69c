// The losses by epoch: on what the network trains on, and on what it does not.
import { css } from "../_shared/colours.js"
import { lossText } from "./message.js"
import { fit } from "./pixels.js"

const LOSS_SIZE = { width: 340, height: 110 }
const TEST_COLOUR = "#7D8794"
const [LEFT, RIGHT, TOP, FOOT] = [42, 4, 16, 16]

export function drawLoss(canvas, { data, theme }) {
  const { epochs, train, test } = data.history
  const { words } = data
  const { context, width, height } = fit(canvas, LOSS_SIZE)
  const most = Math.max(...train, ...test, 1e-9)
  const last = Math.max(epochs.at(-1), 1)
  const [right, low] = [width - RIGHT, height - FOOT]
  const line = (losses, strokeStyle, dashes) => {
    Object.assign(context, { strokeStyle, lineWidth: 2 })
    context.setLineDash(dashes)
    context.beginPath()
    losses.forEach((loss, i) => {
      if (loss !== null) context.lineTo(LEFT + (epochs[i] / last) * (right - LEFT), low - (loss / most) * (low - TOP))
    })
    context.stroke()
    context.setLineDash([])
  }
  const ink = css(theme.ink)
  Object.assign(context, { fillStyle: ink, font: "11px sans-serif", strokeStyle: ink, lineWidth: 0.5 })
  context.strokeRect(LEFT, TOP, right - LEFT, low - TOP)
  context.fillText(lossText(most), 0, TOP + 4)
  context.fillText("0", LEFT - 10, low)
  const end = `${words.epoch} ${last}`
  context.fillText(end, right - context.measureText(end).width, height - 3)
  context.fillText(`━ ${words.train_loss}   ┅ ${words.test_loss}`, LEFT, 10)
  line(train, ink, [])
  line(test, TEST_COLOUR, [5, 3])
  canvas.setAttribute(
    "aria-label",
    `${words.train_loss} ${lossText(train.at(-1))}, ${words.test_loss} ${lossText(test.at(-1))}`,
  )
}
