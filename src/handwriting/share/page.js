// The pad in the page: what is drawn, on a sheet as in the notebooks' pads (sheet.js), and what the network answers.

/** An element with a class and children. */
function make(tag, kind, ...children) {
  const one = document.createElement(tag);
  one.className = kind;
  one.append(...children);
  return one;
}

/** A name in whatever script, which changes the direction of nothing around it. */
function isolated(name) {
  const one = make("bdi", "", name);
  one.dir = "auto";
  return one;
}

/** The guess in words, as parts of a paragraph. */
function sentence(name, share) {
  const digit = /^[0-9]$/.test(name);
  const thing = digit ? [name === "8" ? "an " : "a ", name] : ["“", isolated(name), "”"];
  const start = share >= 0.5 ? "This looks like " : "Hard to tell. It looks most like ";
  return [start, ...thing, ` (${Math.round(100 * share)}\u00a0%).`];
}

/** A list of bars, one per class; returns what shows shares in it, or nothing for an empty list. */
function makeBars(bars, names) {
  const rows = names.map((name) => {
    const label = make("span", "name", isolated(name)), fill = make("span", "fill"), share = make("span", "share");
    return { label, fill, share, row: make("li", "", label, make("span", "track", fill), share) };
  });
  bars.append(...rows.map(({ row }) => row));
  const size = parseFloat(getComputedStyle(bars).fontSize);
  const widest = Math.max(...rows.map(({ label }) => label.getBoundingClientRect().width));
  bars.style.setProperty("--names", `${(1.08 * widest) / size}em`); // wider by as much as bold letters are
  return (shares) => {
    const best = shares.length ? shares.indexOf(Math.max(...shares)) : -1;
    rows.forEach(({ row, fill, share }, place) => {
      const value = shares[place] ?? 0;
      fill.style.width = `${100 * value}%`;
      share.textContent = shares.length ? `${Math.round(100 * value)}\u00a0%` : "";
      row.classList.toggle("best", place === best);
    });
    bars.classList.toggle("none", best < 0);
    bars.setAttribute("aria-hidden", String(best < 0));
    return best;
  };
}

function startPad({ names, layers }) {
  const pad = document.querySelector(".pad");
  const parts = [".sheet", ".invitation", ".seen", ".status", ".undo", ".clear"];
  const [canvas, invitation, seen, status, undo, clear] = parts.map((one) => pad.querySelector(one));
  const showShares = makeBars(pad.querySelector(".bars"), names);
  const sheet = makeSheet({ pad, canvas, invitation, undo, clear, changed, say: (words) => (status.textContent = words) });
  let frame = null; // the reading that waits for the next picture on the screen

  /** Read now if the pen is up, else once for each picture on the screen. */
  function changed(last) {
    cancelAnimationFrame(frame);
    if (last) answer(true);
    else frame = requestAnimationFrame(() => answer(false));
  }

  function answer(last) {
    const { strokes } = sheet.visible();
    if (strokes.length === 0) {
      showPicture([]);
      showShares([]);
      say("empty", "Draw something. The network reads along.");
      return;
    }
    try {
      const picture = seeDrawing(drawSheet(strokes)), shares = Array.from(readPicture(layers, picture));
      showPicture(picture);
      const best = showShares(shares);
      if (last) say("answered", ...sentence(names[best], shares[best]));
    } catch (error) {
      if (!last) return; // the beginning of a stroke
      showPicture([]);
      showShares([]);
      say("failed", error.message);
    }
  }

  function showPicture(picture) {
    const context = seen.getContext("2d"), pixels = context.createImageData(SEEN, SEEN);
    for (let at = 0; at < SEEN * SEEN; at++) {
      pixels.data.fill(picture[at] ?? 0, 4 * at, 4 * at + 3);
      pixels.data[4 * at + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  function say(state, ...words) {
    status.replaceChildren(...words);
    pad.dataset.state = state;
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", sheet.redraw);
  answer(true);
}

const network = JSON.parse(document.getElementById("network").textContent);
network.layers = unpackLayers(network.layers);
startPad(network);
