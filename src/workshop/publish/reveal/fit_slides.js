// Gives each slide the largest text at which all of it fits, then hands over to reveal.js.
addEventListener("load", () => {
  const fits = (page) =>
    page.scrollHeight <= page.clientHeight &&
    page.scrollWidth <= page.clientWidth &&
    [...page.querySelectorAll("img")].every((img) => img.clientHeight >= 0.8 * img.naturalHeight);

  const layOut = (section) => {
    const page = document.createElement("div");
    page.className = "page";
    page.append(...section.childNodes);
    section.append(page);
    for (const img of page.querySelectorAll("img")) img.style.maxHeight = `${1.4 * img.naturalHeight}px`;
    for (const wrap of ["pre", "pre-wrap"]) { // lines of code stay whole where they can
      page.style.setProperty("--wrap", wrap);
      for (const size of [32, 28, 25, 22, 20]) {
        page.style.fontSize = `${size}px`;
        if (fits(page)) return;
      }
    }
    const output = page.querySelector(".jp-Cell-outputWrapper:has(img)");
    if (output && page.querySelector(".jp-Cell-inputWrapper")) { // its picture gets a slide of its own
      const next = document.createElement("section");
      next.append(output);
      section.after(next);
      section.replaceChildren(...page.childNodes);
      layOut(section);
      layOut(next);
    }
  };

  const slides = document.querySelector(".slides");
  slides.classList.add("measured"); // reveal.js hides them until it has started
  slides.querySelectorAll("section > section").forEach(layOut);
  slides.classList.remove("measured");
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    transition: "none",
    slideNumber: "c/t",
    navigationMode: "linear", // → goes to the next slide, whether it stands beside this one or below
    scrollActivationWidth: 0,
    pdfSeparateFragments: false,
  });
});
