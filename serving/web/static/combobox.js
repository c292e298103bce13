// A search field with suggestions, by the WAI-ARIA combobox pattern: arrows, Enter, Escape, mouse.
export function combobox(box, search, choose) {
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  let found = [], active = -1, asked = 0, timer;

  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); active = -1; };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
    const row = list.children[index];
    if (row) { input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
  };
  const take = (index) => { const video = found[index]; if (video) { input.value = ""; close(); choose(video); } };

  async function suggest() {
    const turn = ++asked;
    const videos = await search(input.value.trim());
    if (turn !== asked || document.activeElement !== input) return;  // an older answer must not overtake a newer one
    found = videos;
    list.replaceChildren(...found.map((video, index) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${index}`;
      row.setAttribute("role", "option");
      const name = document.createElement("div");
      name.textContent = video.title;
      const about = document.createElement("div");
      about.className = "small muted";
      about.textContent = video.about;
      row.append(name, about);
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
      return row;
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (found.length) mark(0);
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 120); });
  input.addEventListener("focus", suggest);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); list.hidden ? suggest() : mark(Math.min(active + 1, found.length - 1)); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(Math.max(active - 1, 0)); }
    else if (event.key === "Enter" && !list.hidden) { event.preventDefault(); take(active); }
    else if (event.key === "Escape") close();
  });
}
