// From strokes to the 28 × 28 grey levels that the network reads. The steps and their numbers are those of
// handwriting.scan; to_mnist.md lists both. The drawing's own
// numbers, such as SIDE, stand in canvas.js. A plane is {values, width, height}, row by row.

const BOX = 20, SEEN = 28; // pixels: a digit's longer side, and the picture's side, in MNIST
const THINNEST = 2.2, THICKEST = 3.2, EDGE = 1.3; // strokes' width in MNIST's pixels, and that of their edges
const FINE = 5; // times finer than MNIST's pixels
const NOTHING = "There is nothing to read. Draw larger, and leave some paper around it.";

/** Halves go to the even neighbour, as in Python. */
function roundEven(value) {
  const low = Math.floor(value), rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

function plane(width, height, Kind = Float32Array) {
  return { values: new Kind(width * height), width, height };
}

/** Strokes, each [x, y, x, y, ...] from 0 to UNITS, as dark ink on white. */
function drawSheet(strokes) {
  const side = 2 * SIDE, fine = new Uint8Array(side * side); // drawn twice as fine first
  // Pillow draws discs and lines between whole pixels; the numbers put the ink where its own comes to lie.
  const disc = (value) => Math.floor(value + 0.5) - 0.5, line = (value) => Math.trunc(value) + 0.3;
  for (const stroke of strokes) {
    const points = stroke.map((value) => (value * side) / UNITS);
    for (let k = 0; k < points.length; k += 2) {
      const [x, y] = [disc(points[k]), disc(points[k + 1])];
      inkLine(fine, side, PEN - 0.15, x, y, x, y);
      if (k > 0) inkLine(fine, side, PEN - 0.2, ...points.slice(k - 2, k + 2).map(line));
    }
  }
  const sheet = plane(SIDE, SIDE, Uint8Array);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const at = 2 * row * side + 2 * column;
      const inked = fine[at] + fine[at + 1] + fine[at + side] + fine[at + side + 1];
      sheet.values[row * SIDE + column] = Math.round((255 * (4 - inked)) / 4);
    }
  }
  return sheet;
}

/** Ink all pixels no further than a radius from the line between two points. */
function inkLine(fine, side, radius, x0, y0, x1, y1) {
  const dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy || 1;
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - radius));
  const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y1) + radius));
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - radius));
  const right = Math.min(side - 1, Math.floor(Math.max(x0, x1) + radius));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const share = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square));
      const across = x - x0 - share * dx, down = y - y0 - share * dy;
      if (across * across + down * down <= radius * radius) fine[y * side + x] = 1;
    }
  }
}

/** What the network sees of a drawing: 784 grey levels, light ink on 0. Throws an Error in words. */
function seeDrawing(sheet) {
  const { ink, mask } = findStrokes(sheet);
  const found = findParts(mask);
  const cut = cutOut(ink, found, mainGroup(found));
  return fit(thicken(depthOf(cut)));
}

// --- Strokes and parts -------------------------------------------------------------------------------------------

/** A percentile of sorted numbers, between the nearest two. */
function percentile(sorted, percent) {
  const at = ((sorted.length - 1) * percent) / 100, low = Math.floor(at);
  const next = sorted[Math.min(low + 1, sorted.length - 1)];
  return sorted[low] + (next - sorted[low]) * (at - low);
}

/** The ink, which is the share of the paper's light that is missing, and a mask of the strokes. */
function findStrokes({ values: greys, width, height }) {
  const values = new Float32Array(greys).map((grey) => (255 - grey) / 255);
  const standing = values.filter((ink) => ink > 0.09).sort();
  if (standing.length < 8 || 2 * standing.length > values.length) throw new Error(NOTHING); // Python's floor rises
  const [first, ...others] = [85, 95, 99, 99.8].map((percent) => percentile(standing, percent));
  const above = (bar) => {
    const mask = plane(width, height, Uint8Array);
    for (let at = 0; at < values.length; at++) mask.values[at] = values[at] > bar ? 1 : 0;
    return mask;
  };
  const full = (level) => {
    const ink = plane(width, height);
    for (let at = 0; at < values.length; at++) ink.values[at] = Math.min(1, Math.max(0, values[at] / level));
    return ink;
  };
  for (const level of [first, ...others.filter((other) => other > 1.25 * first)]) {
    for (const bar of [0.45, 0.55, 0.65, 0.75, 0.85]) {
      const mask = above(bar * level);
      if (!spans(mask)) return { ink: full(level), mask };
    }
  }
  return { ink: full(first), mask: above(0.45 * first) };
}

/** Number what touches, corners included: {parts, boxes, areas}; number 0 is paper. */
function number({ values, width, height }) {
  const parts = plane(width, height, Int32Array), boxes = [null], areas = [0], stack = [];
  for (let start = 0; start < values.length; start++) {
    if (!values[start] || parts.values[start]) continue;
    const name = boxes.length, box = { top: height, left: width, bottom: 0, right: 0 };
    let area = 0;
    parts.values[start] = name;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop(), row = Math.floor(at / width), column = at % width;
      area++;
      box.top = Math.min(box.top, row);
      box.bottom = Math.max(box.bottom, row + 1);
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column + 1);
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
          const next = y * width + x;
          if (!values[next] || parts.values[next]) continue;
          parts.values[next] = name;
          stack.push(next);
        }
      }
    }
    boxes.push(box);
    areas.push(area);
  }
  return { parts, boxes, areas };
}

/** The values along the four edges: top, bottom, left, right. */
function edges({ values, width, height }) {
  const rows = Array.from({ length: height }, (_, row) => row * width);
  const first = Array.from(values.subarray(0, width)), last = Array.from(values.subarray(values.length - width));
  return [first, last, rows.map((at) => values[at]), rows.map((at) => values[at + width - 1])];
}

/** Whether something reaches from side to side or from top to bottom, or much runs into the edges. */
function spans(mask) {
  if (!edges(mask).some((edge) => edge.some(Boolean))) return false;
  const [top, bottom, left, right] = edges(number(mask).parts).map((edge) => new Set(edge.filter(Boolean)));
  const meets = (one, other) => [...one].some((name) => other.has(name));
  return meets(top, bottom) || meets(left, right) || new Set([...top, ...bottom, ...left, ...right]).size > 8;
}

function findParts(mask) {
  const { parts, boxes, areas } = number(mask);
  const largest = Math.max(...areas), names = [...areas.keys()].slice(1);
  if (largest < 4) throw new Error(NOTHING);
  const specks = new Set(names.filter((name) => areas[name] < Math.max(4, 0.01 * largest)));
  const drop = new Set([
    ...specks,
    ...alongTheEdge(parts, boxes, names, specks),
    ...names.filter((name) => !specks.has(name) && areas[name] > 0.2 * largest && frames(name, parts, boxes, areas, specks)),
  ]);
  const kept = names.filter((name) => !drop.has(name));
  if (kept.length === 0) throw new Error(NOTHING);
  return { parts, boxes, areas, kept };
}

function alongTheEdge(parts, boxes, names, specks) {
  const along = new Set();
  for (const edge of edges(parts)) {
    const counts = new Map();
    for (const name of edge) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [name, count] of counts) if (name && count > 0.3 * edge.length) along.add(name);
  }
  const tall = (name) => boxes[name].bottom - boxes[name].top > 0.08 * parts.height;
  return names.some((name) => !along.has(name) && !specks.has(name) && tall(name)) ? along : [];
}

/** Whether a part is a box drawn around something. */
function frames(name, parts, boxes, areas, specks) {
  const { top, left, bottom, right } = boxes[name];
  const margin = Math.max(3, roundEven(0.12 * Math.min(bottom - top, right - left)));
  let own = 0, others = 0;
  for (let row = top + margin; row < bottom - margin; row++) {
    for (let column = left + margin; column < right - margin; column++) {
      const here = parts.values[row * parts.width + column];
      if (here === name) own++;
      else if (here && !specks.has(here)) others++;
    }
  }
  return others > 0.05 * areas[name] && own < 0.1 * areas[name];
}

/** Pixels between two boxes; 0 where they touch or overlap. */
function gap(one, other) {
  const down = Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom);
  const across = Math.max(one.left, other.left) - Math.min(one.right, other.right);
  return Math.max(down, across, 0);
}

function joined(one, other) {
  return {
    top: Math.min(one.top, other.top),
    left: Math.min(one.left, other.left),
    bottom: Math.max(one.bottom, other.bottom),
    right: Math.max(one.right, other.right),
  };
}

/** The largest part, and what lies near it: {names, box}. */
function mainGroup({ parts, boxes, areas, kept }) {
  const { width, height } = parts;
  const first = kept.reduce((best, name) => (areas[name] > areas[best] ? name : best));
  const atEdge = ({ top, left, bottom, right }) => top === 0 || left === 0 || bottom === height || right === width;
  const inside = !atEdge(boxes[first]), names = new Set([first]);
  let box = boxes[first];
  for (;;) {
    const size = Math.max(box.bottom - box.top, box.right - box.left);
    const near = kept.filter(
      (name) =>
        !names.has(name) && !(inside && atEdge(boxes[name])) && areas[name] > 0.02 * areas[first] &&
        gap(box, boxes[name]) < 0.2 * size,
    );
    if (near.length === 0) return { names, box };
    for (const name of near) {
      names.add(name);
      box = joined(box, boxes[name]);
    }
  }
}

// --- The digit as MNIST has it -----------------------------------------------------------------------------------

/** The ink of some parts only, with a margin of two pixels: {ink, mask}. */
function cutOut(page, { parts }, { names, box }) {
  const width = box.right - box.left + 4, height = box.bottom - box.top + 4;
  const ink = plane(width, height), mask = plane(width, height, Uint8Array), wide = new Uint8Array(width * height);
  for (let row = 2; row < height - 2; row++) {
    for (let column = 2; column < width - 2; column++) {
      if (!names.has(parts.values[(box.top + row - 2) * parts.width + box.left + column - 2])) continue;
      mask.values[row * width + column] = 1;
      for (let y = row - 2; y <= row + 2; y++) wide.fill(1, y * width + column - 2, y * width + column + 3);
    }
  }
  for (let row = 0; row < height; row++) {
    const y = box.top + row - 2;
    for (let column = 0; column < width; column++) {
      const x = box.left + column - 2, at = row * width + column;
      const outside = y < 0 || x < 0 || y >= page.height || x >= page.width;
      if (wide[at] && !outside) ink.values[at] = page.values[y * page.width + x];
    }
  }
  return { ink, mask };
}

/** First and last row and column of a plane where a value is above 0. */
function extent({ values, width, height }) {
  const found = { top: Infinity, left: Infinity, bottom: -1, right: -1 };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!(values[row * width + column] > 0)) continue;
      if (row < found.top) found.top = row;
      if (row > found.bottom) found.bottom = row;
      if (column < found.left) found.left = column;
      if (column > found.right) found.right = column;
    }
  }
  return found;
}

const FILTERS = {
  box: { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bicubic: {
    support: 2,
    weigh(x) {
      const far = Math.abs(x);
      if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
      return far < 2 ? ((-0.5 * far + 2.5) * far - 4) * far + 2 : 0;
    },
  },
};

/** What each of `count` new pixels takes from a row of `size` old ones: [first, weights]. */
function shares(size, count, { support, weigh }) {
  const scale = size / count, wide = Math.max(scale, 1), reach = support * wide;
  return Array.from({ length: count }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(size, Math.trunc(centre + reach + 0.5));
    const weights = [];
    for (let k = first; k < last; k++) weights.push(weigh((k - centre + 0.5) / wide));
    const sum = weights.reduce((one, other) => one + other, 0) || 1;
    return [first, weights.map((weight) => weight / sum)];
  });
}

/** A plane resized as Pillow does it: rows first, then columns. */
function resize({ values, width, height }, newWidth, newHeight, filter) {
  const between = plane(newWidth, height), found = plane(newWidth, newHeight);
  shares(width, newWidth, filter).forEach(([first, weights], x) => {
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += values[y * width + first + k] * weights[k];
      between.values[y * newWidth + x] = sum;
    }
  });
  shares(height, newHeight, filter).forEach(([first, weights], y) => {
    for (let x = 0; x < newWidth; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += between.values[(first + k) * newWidth + x] * weights[k];
      found.values[y * newWidth + x] = sum;
    }
  });
  return found;
}

/** How far each point lies inside a stroke, negative outside, in MNIST's pixels, on a grid FINE times finer. */
function depthOf({ ink, mask }) {
  const { top, left, bottom, right } = extent(mask);
  const share = (FINE * (BOX - 1)) / (Math.max(bottom - top, right - left) + 1);
  const size = [ink.width, ink.height].map((side) => Math.max(1, roundEven(side * share)));
  const small = resize(ink, ...size, share < 1 ? FILTERS.box : FILTERS.bicubic);
  const margin = 3 * FINE, width = small.width + 2 * margin, height = small.height + 2 * margin;
  const bar = Math.min(0.5, 0.6 * small.values.reduce((one, other) => Math.max(one, other), 0));
  const inside = new Uint8Array(width * height);
  for (let row = 0; row < small.height; row++) {
    for (let column = 0; column < small.width; column++) {
      const at = (row + margin) * width + column + margin;
      inside[at] = small.values[row * small.width + column] > bar ? 1 : 0;
    }
  }
  const toPaper = distances(inside, 0, width, height), toInk = distances(inside, 1, width, height);
  const depth = plane(width, height);
  for (let at = 0; at < inside.length; at++) {
    depth.values[at] = Math.fround(Math.sqrt(toPaper[at]) - Math.sqrt(toInk[at])) / FINE;
  }
  return depth;
}

/** The square of each point's distance to the nearest that has some value: down the columns, then along the rows. */
function distances(values, wanted, width, height) {
  const far = 1e9, squares = new Float64Array(width * height);
  for (let x = 0; x < width; x++) {
    let steps = far;
    for (let y = 0; y < height; y++) {
      steps = values[y * width + x] === wanted ? 0 : steps + 1;
      squares[y * width + x] = steps;
    }
    for (let y = height - 2; y >= 0; y--) {
      squares[y * width + x] = Math.min(squares[y * width + x], squares[(y + 1) * width + x] + 1);
    }
  }
  const row = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[x] = squares[y * width + x] ** 2;
    for (let x = 0; x < width; x++) {
      let best = row[x];
      for (let step = 1; step * step < best && step < width; step++) {
        const square = step * step;
        if (x >= step && row[x - step] + square < best) best = row[x - step] + square;
        if (x + step < width && row[x + step] + square < best) best = row[x + step] + square;
      }
      squares[y * width + x] = best;
    }
  }
  return squares;
}

/** The strokes' usual width: twice the depth along their middle. */
function widthOf({ values, width, height }) {
  const ridge = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x, here = values[at];
      if (here <= 0) continue;
      if (values[at - 1] > here || values[at + 1] > here) continue;
      if (values[at - width - 1] > here || values[at - width] > here || values[at - width + 1] > here) continue;
      if (values[at + width - 1] > here || values[at + width] > here || values[at + width + 1] > here) continue;
      ridge.push(here);
    }
  }
  return ridge.length ? 2 * percentile(Float32Array.from(ridge).sort(), 50) : 0;
}

/** The digit redrawn with strokes as wide as MNIST's: {strokes, depth}. */
function thicken(depth) {
  const width = widthOf(depth);
  const more = (Math.min(THICKEST, Math.max(THINNEST, width)) - width) / 2;
  const values = Float64Array.from(depth.values).map((value) => value + more);
  const strokes = { ...depth, values: values.map((value) => Math.min(1, Math.max(0, value / EDGE + 0.5))) };
  return { strokes, depth: { ...depth, values } };
}

/** Average `size` numbers around each number of a row that starts somewhere and goes on in steps; 0 beyond its ends. */
function blurRow(values, start, step, count, size) {
  const old = new Float64Array(count + 2 * size), before = Math.floor(size / 2);
  for (let k = 0; k < count; k++) old[k + size] = values[start + k * step];
  for (let k = 0; k < count; k++) {
    let sum = 0;
    for (let other = 0; other < size; other++) sum += old[k + size - before + other];
    values[start + k * step] = sum / size;
  }
}

function fit({ strokes, depth }) {
  const { width, height } = strokes, { top, left, bottom, right } = extent(depth);
  if (bottom < 0) throw new Error("The strokes are too faint to read. Draw larger.");
  let sum = 0, down = 0, across = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = strokes.values[row * width + column];
      sum += value;
      down += value * row;
      across += value * column;
    }
  }
  const spacing = (Math.max(bottom - top, right - left) + 1) / BOX; // fine points per pixel of MNIST
  const from = (middle, low, high) =>
    Math.max(Math.min(middle - 14 * spacing, low - 0.5 + 0.5 * spacing), high + 0.5 - (SEEN - 0.5) * spacing);
  const firstRow = from(down / sum, top, bottom), firstColumn = from(across / sum, left, right);
  const blurred = Float64Array.from(strokes.values), size = Math.max(1, roundEven(spacing));
  for (let x = 0; x < width; x++) blurRow(blurred, x, width, height, size);
  for (let y = 0; y < height; y++) blurRow(blurred, y * width, 1, width, size);
  const seen = new Float64Array(SEEN * SEEN);
  for (let row = 0; row < SEEN; row++) {
    for (let column = 0; column < SEEN; column++) {
      const y = firstRow + row * spacing, x = firstColumn + column * spacing;
      if (y < 0 || x < 0 || y > height - 1 || x > width - 1) continue;
      const low = Math.min(Math.floor(y), height - 2), near = Math.min(Math.floor(x), width - 2), at = low * width + near;
      const above = blurred[at] + (blurred[at + 1] - blurred[at]) * (x - near);
      const below = blurred[at + width] + (blurred[at + width + 1] - blurred[at + width]) * (x - near);
      seen[row * SEEN + column] = above + (below - above) * (y - low);
    }
  }
  const most = Math.max(...seen, 1e-6);
  return new Uint8Array(seen.map((value) => roundEven(255 * Math.min(1, Math.max(0, value / most)))));
}
