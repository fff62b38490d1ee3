function (id, key) {
  const box = document.getElementById(id);
  if (!box) return;
  const sliders = [...box.querySelectorAll("input")], button = box.querySelector("button");
  const comm = globalThis.gonb_comm;
  if (!comm) { // a notebook that was saved while the cell ran
    for (const control of [...sliders, button]) control.disabled = true;
    box.querySelector("span").textContent = "The sliders move while the cell runs: run it again.";
    return;
  }
  // What a hand has moved before the connection stood is kept for the next try.
  const moved = (globalThis.nnfieldSliders ??= {})[key] ??= {};
  const shown = slider => { slider.closest("tr").querySelector("output").textContent = String(+slider.valueAsNumber.toPrecision(6)); };
  sliders.forEach((slider, i) => {
    if (i in moved) {
      slider.value = moved[i];
      shown(slider);
    }
  });
  const state = () => JSON.stringify({values: sliders.map(s => s.valueAsNumber)});
  const variable = comm.newSyncedVariable(id, state());
  sliders.forEach((slider, i) => {
    slider.addEventListener("input", () => {
      moved[i] = slider.value;
      shown(slider);
      variable.set(state());
    });
  });
  button.addEventListener("click", () => {
    for (const control of [...sliders, button]) control.disabled = true;
    variable.set(JSON.stringify({done: true}));
  });
}
