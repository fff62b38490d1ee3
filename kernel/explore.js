function (id) {
  const box = document.getElementById(id);
  if (!box) return;
  const sliders = [...box.querySelectorAll("input")], button = box.querySelector("button");
  const comm = globalThis.gonb_comm;
  if (!comm) { // a notebook that was saved while the cell ran
    for (const control of [...sliders, button]) control.disabled = true;
    box.querySelector("span").textContent = "The sliders move while the cell runs: run it again.";
    return;
  }
  const state = () => JSON.stringify({values: sliders.map(s => s.valueAsNumber)});
  const variable = comm.newSyncedVariable(id, state());
  for (const slider of sliders) {
    const output = slider.closest("tr").querySelector("output");
    slider.addEventListener("input", () => {
      output.textContent = String(+slider.valueAsNumber.toPrecision(6));
      variable.set(state());
    });
  }
  button.addEventListener("click", () => {
    for (const control of [...sliders, button]) control.disabled = true;
    variable.set(JSON.stringify({done: true}));
  });
}
