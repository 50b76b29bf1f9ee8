// All that the pages need beyond htmx. Without scripts nothing is missing but comfort.

// A link that a person has opened is used at once; one that a browser only looks at ahead of time is not.
const opened = document.querySelector('form[data-submits]')
if (opened && !document.prerendering && document.visibilityState === 'visible') opened.requestSubmit()

// A form is sent once.
document.addEventListener('submit', (event) => {
  const button = event.submitter
  if (button && !event.defaultPrevented) setTimeout(() => button.setAttribute('disabled', ''))
})

// A page that comes back from the browser's memory may be used again.
window.addEventListener('pageshow', (event) => {
  if (event.persisted)
    for (const button of document.querySelectorAll('button[disabled]')) button.removeAttribute('disabled')
})

// The session has ended while a page was open: loading it again leads to the sign-in.
document.addEventListener('htmx:sse:error', (event) => {
  if (event.detail.status === 401) location.reload()
})
