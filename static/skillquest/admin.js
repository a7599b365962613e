// The search fields that Django's Select2 puts into forms have no label: they get that of the field they belong to.
addEventListener("load", () => {
  for (const search of document.querySelectorAll(".select2-search__field")) {
    const label = search.closest(".select2")?.previousElementSibling?.labels?.[0];
    if (label) search.setAttribute("aria-label", label.textContent);
  }
});
