// Without this script every page works; with it, programs can be copied by a press and tables found by typing.
"use strict";

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

const find = document.getElementById("find");
if (find) {
  find.parentElement.hidden = false;
  const lines = [...document.querySelectorAll("tr[data-name]")];
  const folded = [...document.querySelectorAll("details.more")];
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    let found = 0;
    for (const line of lines) {
      line.hidden = !line.dataset.name.includes(wanted);
      found += line.hidden ? 0 : 1;
    }
    if (wanted) for (const part of folded) part.open = true;
    document.getElementById("none-found").hidden = found > 0;
  });
}
