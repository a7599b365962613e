// The box in the head of a table chooses all rows of that table, or none.
for (const all of document.querySelectorAll("[data-choose-all]")) {
  const rows = all.closest("form").querySelectorAll("tbody input[type=checkbox]");
  all.closest("p").hidden = rows.length < 2;
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
  });
}
