// Draw a 7 many times on an exported page: milliseconds from lifting the pen to the bars, without five to warm up.
async (count) => {
  const [sheet, bars] = [".hw-pad-sheet", ".hw-pad-bars"].map((one) => document.querySelector(one));
  const clear = document.querySelectorAll(".hw-pad-button")[1];
  const box = sheet.getBoundingClientRect(), times = [];
  const frame = () => new Promise(requestAnimationFrame);
  sheet.setPointerCapture = () => {};
  const send = (kind, x, y) => sheet.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, button: 0, clientX: box.left + x * box.width, clientY: box.top + y * box.height,
  }));
  for (let turn = 0; turn < count + 5; turn++) {
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
  return times.slice(5);
}
