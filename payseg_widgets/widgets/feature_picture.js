// The distribution of a feature as a small picture; its text twin stands beside it.

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [120, 34];

export function featurePicture(counts) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("class", "payseg-picture");
  svg.setAttribute("aria-hidden", "true");
  const most = Math.max(...counts);
  const step = WIDTH / counts.length;
  counts.forEach((count, i) => {
    if (!count) return;
    const height = Math.max(1, (count / most) * (HEIGHT - 2)); // one customer shows
    const bar = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x: i * step + 0.5, y: HEIGHT - 1 - height, width: step - 1, height }))
      bar.setAttribute(name, value.toFixed(2));
    svg.append(bar);
  });
  const ground = document.createElementNS(SVG, "line");
  for (const [name, value] of Object.entries({ x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 })) ground.setAttribute(name, value);
  svg.append(ground);
  return svg;
}
