// What the pictures have in common: elements of SVG, the axis of time, and choosing a range with the pointer or the keys.

function shape(name, attributes = {}, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function picture(name, label, width, height) {
  return shape("svg", { class: name, viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
}

function cut(text, most) {
  return text.length <= most ? text : text.slice(0, most - 1) + "…";
}

// Round moments, so many at most, and how they are written; the first one of a day has its date.
function ticks(from, until, most) {
  const year = steps[steps.length - 1];
  const step = steps.find((one) => (until - from) / one <= most) ?? Math.ceil((until - from) / most / year) * year;
  const found = [];
  let before = "";
  for (let time = Math.ceil(from / step) * step; time <= until; time += step) {
    const date = shortDay(time);
    const hour = clock(time);
    const label = time % 86400e6 === 0 ? date : step < 60e6 ? hour : hour.slice(0, 5);
    found.push({ time, label, date: date === before || label === date ? "" : date });
    before = date;
  }
  return found;
}

// 1, 2 or 5 times a power of ten, at least 1.
function roundStep(least) {
  if (!(least > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least);
}

// Lets a range of a picture be chosen with the pointer. `scale` has the picture's svg, left, plot, width, height, from, until.
class Brush {
  constructor(place, scale, choose) {
    let start = null;
    const share = (event) => {
      const { svg, left, plot, width } = scale();
      const box = svg.getBoundingClientRect();
      return Math.min(1, Math.max(0, (((event.clientX - box.left) / box.width) * width - left) / plot));
    };
    const ends = (event) => [start, share(event)].sort((one, other) => one - other);
    const mark = shape("rect", { class: "brush", y: 0 });
    place.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      start = share(event);
      event.preventDefault();
    });
    place.addEventListener("pointermove", (event) => {
      if (start === null) return;
      const { svg, left, plot, height } = scale();
      const [a, b] = ends(event);
      for (const [key, value] of Object.entries({ x: left + a * plot, width: (b - a) * plot, height })) mark.setAttribute(key, value);
      if (mark.parentNode !== svg) svg.append(mark);
    });
    window.addEventListener("pointerup", (event) => {
      if (start === null) return;
      const [a, b] = ends(event);
      start = null;
      mark.remove();
      const { from, until } = scale();
      if (b - a > 0.005) choose(from + a * (until - from), from + b * (until - from));
    });
  }
}
