// @ts-check

/** Whether keys are text here. @param {EventTarget | null} target */
export function types(target) {
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button|submit)$/.test(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether a form that changes something, or that one, says what its page did not. @param {HTMLFormElement} [form] */
export function typed(form) {
  const forms = form ? [form] : [...document.querySelectorAll("form[method=post]")];
  return forms.flatMap((one) => [...one.querySelectorAll("input, textarea")]).some((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    return field instanceof HTMLInputElement && types(field) && !field.dataset.remembered && field.value !== field.defaultValue;
  });
}
