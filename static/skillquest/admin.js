// Django's scripts put fields into forms that have no label: they get that of the field they belong to.
function nameFields() {
  for (const box of document.querySelectorAll(".select2")) {
    const label = box.previousElementSibling?.labels?.[0]?.textContent;
    const fields = box.querySelectorAll(".select2-search__field, [role=combobox], [role=textbox]");
    for (const field of label ? fields : []) field.setAttribute("aria-label", label);
    box.querySelector("[role=combobox]")?.removeAttribute("aria-labelledby");
  }
  for (const icon of document.querySelectorAll(".search-label-icon:not([role])")) icon.setAttribute("role", "img");
}

new MutationObserver(nameFields).observe(document.body, { childList: true, subtree: true });
nameFields();
