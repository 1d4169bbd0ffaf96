// The review page. Texts are only ever set as text; an answer is kept in this browser until the server has it.

const $ = id => document.getElementById(id)
const WORDS = {
  first: 'The first', second: 'The second', neither: 'Neither', same: 'Same meaning', different: 'Different',
  yes: 'Yes', no: 'No', 'cannot tell': 'Cannot tell',
}
const QUESTIONS = {
  which: ['Which of the two does this picture show?', ''],
  meaning: ['Do these two mean visibly different things?', 'Different: a picture of the one would be wrong for the other.'],
  open: ['', ''],
  rating: ['How bad is this?', '1: it does not matter. 10: it must not happen.'],
}
const LABELS = { rating: ['What is right', 'What the model said'] }
const PATIENCE = [300, 700, 1500, 3000, 5000]
const SMALL = 256

let audit = { key: '' }
let rater = ''
let shown = null       // the turn on screen
let busy = true        // nothing is taken while an answer is on its way or a picture is loading
let ahead = null       // the next question's picture, being fetched
let unsaved = {}       // the same as in localStorage, where that is not to be had

// What this browser keeps, apart for every audit.

const place = name => `faultfinder.${audit.key}.${name}`
const storage = action => { try { return action(window.localStorage) } catch { return null } }
const keep = (name, value) => storage(box => box.setItem(place(name), value))
const kept = name => storage(box => box.getItem(place(name)))

function hold (label) {
  unsaved[label.id] = label
  keep(`unsaved.${label.id}`, JSON.stringify(label))
}

function letGo (label) {
  delete unsaved[label.id]
  storage(box => box.removeItem(place(`unsaved.${label.id}`)))
}

function held () {
  const found = { ...unsaved }
  storage(box => Object.keys(box).filter(key => key.startsWith(place('unsaved.'))).forEach(key => {
    try {
      const label = JSON.parse(box.getItem(key))
      found[label.id] = label
    } catch { box.removeItem(key) }
  }))
  return Object.values(found).sort((a, b) => (a.made || 0) - (b.made || 0))
}

// Talking to the server.

const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

async function ask (address, body) {
  const answer = await fetch(address, body && {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  })
  const said = await answer.json().catch(() => ({ error: 'expired' }))
  if (!answer.ok) throw Object.assign(new Error(said.error), { status: answer.status })
  return said
}

const isRefused = trouble => [400, 413, 415, 422].includes(trouble.status)

// Send until the server has it. A refusal will not get better: it is told and ends the matter.
async function insist (address, body) {
  for (let tries = 0; ; tries++) {
    try {
      const said = await ask(address, body)
      if (tries) notice('')
      return said
    } catch (trouble) {
      if (isRefused(trouble)) throw trouble
      notice(trouble.status === 403
        ? 'This address has expired. Open the one that faultfinder review printed last; what you answered is kept.'
        : trouble.status === 503
          ? `Not saved yet: ${trouble.message}. Your answer is kept and sent again.`
          : 'Not saved yet: the review server does not answer. Your answer is kept here and sent as soon as it does.', true)
      await wait(PATIENCE[Math.min(tries, PATIENCE.length - 1)])
    }
  }
}

async function send (label) {
  const { made, ...body } = label
  try {
    const turn = await insist('api/labels', body)
    letGo(label)
    keep('answered', JSON.stringify({ question: label.question, rater: label.rater, made: Date.now() }))
    return turn
  } catch (trouble) {
    letGo(label)
    notice(`An answer was not taken: ${trouble.message}`, true)
    return null
  }
}

async function sendHeld () {
  for (const label of held()) await send(label)
}

// What is on screen.

let fading
function notice (text, trouble = false) {
  clearTimeout(fading)
  $('notice').textContent = text
  $('notice').classList.toggle('trouble', trouble)
  $('notice').hidden = !text
  if (text && !trouble) fading = setTimeout(() => notice(''), 4000)
}

function only (section) {
  for (const each of ['welcome', 'work', 'done']) $(each).hidden = each !== section
  $('who').hidden = $('progress').hidden = section === 'welcome'
}

function welcome () {
  busy = true
  only('welcome')
  $('name').value = ''
  $('name').focus()
}

async function show (turn) {
  shown = turn
  rater = turn.rater
  keep('rater', rater)
  $('rater').textContent = rater
  $('bar').max = Math.max(1, turn.total)
  $('bar').value = turn.done
  $('count').textContent = `${turn.done} of ${turn.total}`
  document.title = turn.item ? `${turn.done + 1} of ${turn.total} · ${audit.name}` : `All answered · ${audit.name}`
  document.body.dataset.question = turn.item ? turn.item.question : ''
  turn.item ? await showItem(turn) : showEnd(turn)
  busy = false
  document.body.dataset.ready = String(turn.done)
}

async function showItem ({ item, ahead: next, last }) {
  const [question, hint] = QUESTIONS[item.kind]
  only('work')
  $('work').className = item.kind
  $('question').textContent = item.kind === 'open' ? item.text : question
  $('hint').textContent = hint
  $('hint').hidden = !hint
  $('note').value = item.note
  $('undo').disabled = !last
  const asCards = item.kind === 'which'
  spell($('first'), item.first, asCards && '1', item.given === 'first')
  spell($('second'), item.second, asCards && '2', item.given === 'second')
  for (const [number, told] of (LABELS[item.kind] || []).entries()) entitle($([`first`, `second`][number]), told)
  $('changed').hidden = !item.before.length
  spell($('before'), item.before, '', false)
  spell($('after'), item.after, '', false)
  $('answers').replaceChildren(...item.answers.flatMap((answer, number) =>
    asCards && number < 2 ? [] : [choice(answer, keyOf(item, number), item.given === answer, item)]))
  $('keys').textContent = item.kind === 'rating'
    ? 'Keys: 1 to 9, 0 for ten, X for cannot say; U takes back, N writes a note'
    : `Keys: 1 to ${item.answers.length}, or ← and → for the first two` +
      `${asCards ? ', ↓ for neither' : ''}; U takes back, N writes a note`
  await showPicture(item)
  document.activeElement.blur()
  window.scrollTo(0, 0)
  ahead = next ? { question: next, image: picture(next) } : null
}

const keyOf = (item, number) => item.kind === 'rating' ? (number < 10 ? '' : 'X') : number + 1

function entitle (card, told) {
  const title = document.createElement('small')
  title.textContent = told
  card.prepend(title)
}

function spell (card, pieces, key, given) {
  const words = document.createElement('span')
  for (const piece of pieces) {
    const part = document.createElement(piece.marked ? 'mark' : 'span')
    part.textContent = piece.text
    words.append(part)
  }
  card.replaceChildren(...(key ? [keyCap(key)] : []), words)
  card.disabled = !key
  card.classList.toggle('given', given)
  card.classList.remove('struck')
}

function choice (answer, key, given, item) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = given ? 'choice given' : 'choice'
  button.dataset.answer = answer
  const words = item.kind === 'rating' && answer === 'cannot tell' ? 'Cannot say, or cannot read it' : WORDS[answer]
  button.append(...(key ? [keyCap(key)] : []), words || answer)
  button.addEventListener('click', () => give(answer))
  return button
}

function keyCap (key) {
  const cap = document.createElement('kbd')
  cap.textContent = key
  return cap
}

function picture (question) {
  const image = new Image()
  image.alt = 'The picture in question'
  image.src = `api/picture/${encodeURIComponent(question)}`
  return image
}

async function showPicture (item) {
  for (const old of $('frame').querySelectorAll('img')) old.remove()
  $('frame').hidden = !item.picture
  $('captions').hidden = item.kind !== 'rating'
  $('gone').hidden = true
  if (!item.picture) return
  const image = ahead && ahead.question === item.question ? ahead.image : picture(item.question)
  try {
    await image.decode()
    image.classList.toggle('small', Math.max(image.naturalWidth / (item.kind === 'rating' ? 2 : 1), image.naturalHeight) < SMALL)
    $('frame').prepend(image)
  } catch { $('gone').hidden = false }
}

function showEnd ({ done, total, last, agreement }) {
  only('done')
  $('thanks').textContent = total ? `Thank you, ${rater}` : 'Nothing to answer yet'
  $('summary').textContent = total
    ? `You have answered ${done === 1 ? 'the one question' : `all ${done} questions`}.`
    : 'This audit has not asked people anything so far. Leave the page open; new questions appear by themselves.'
  $('undo-last').hidden = !last
  $('another').hidden = $('closing').hidden = !total
  const told = agreement && agreement.raters.length > 1
  $('agreement').hidden = !told
  if (told) spellAgreement(agreement)
}

const figureOf = value => value.toFixed(3).replace('-', '\u2212')

function spellAgreement ({ alpha, interval, items, raters, reason }) {
  const figure = document.createElement('strong')
  figure.textContent = alpha === null ? 'Not defined' : `α = ${figureOf(alpha)}`
  const rest = interval ? `95\u202f% interval ${figureOf(interval[0])} to ${figureOf(interval[1])}` : reason
  const over = items === 1 ? '1 question' : `${items} questions`
  $('alpha').replaceChildren(figure, `Krippendorff's alpha; ${rest}; ${over} answered by two or more of ${raters.length} raters`)
}

// What a rater does.

async function give (answer, question = shown.item.question) {
  if (busy) return
  busy = true
  strike(answer)
  const note = answer === null ? '' : $('note').value
  const label = { id: newId(), question, rater, answer, note, made: Date.now() }
  hold(label)
  const turn = await send(label)
  if (turn && turn.replaced) notice('You had answered this one already; your latest answer counts.')
  await show(turn || await insist(turnAddress()))
}

const undo = () => shown && shown.last && give(null, shown.last)

function strike (answer) {
  if (answer === null) return
  const cards = { first: $('first'), second: $('second') }
  const card = document.querySelector(`.choice[data-answer="${answer}"]`) || (shown.item && cards[answer])
  if (card) card.classList.add('struck')
}

function newId () {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

const turnAddress = question =>
  `api/turn?${new URLSearchParams({ rater, ...(question ? { question } : {}) })}`

async function begin (name) {
  busy = true
  rater = name.trim()
  try {
    await sendHeld()
    await show(await insist(turnAddress()))
  } catch (trouble) {
    welcome()
    notice(trouble.message, true)
  }
}

function pressed (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || $('welcome').hidden === false) return
  if (event.target === $('note')) {
    if (event.key === 'Enter' || event.key === 'Escape') $('note').blur()
    return
  }
  const key = event.key.toLowerCase()
  if (key === 'u' || key === 'backspace') return undo()
  if ($('work').hidden || busy) return
  if (key === 'n') {
    event.preventDefault()
    return $('note').focus()
  }
  const answers = shown.item.answers
  const number = shown.item.kind === 'rating'
    ? { 0: 10, x: answers.length }[key] || Number(key)
    : { arrowleft: 1, arrowright: 2, arrowdown: 3, arrowup: answers.length }[key] || Number(key)
  if (number >= 1 && number <= answers.length) {
    event.preventDefault()
    give(answers[number - 1])
  }
}

// Another tab of the same rater has answered: what is shown here may be answered already.
async function look () {
  if (busy || !rater || !shown) return
  busy = true
  try {
    const now = shown.item ? await ask(turnAddress(shown.item.question)) : await ask(turnAddress())
    const elsewhere = shown.item && now.item && now.item.given && !shown.item.given
    if (elsewhere) notice('Answered in another tab; on to the next.')
    if (elsewhere) await show(await ask(turnAddress()))
    else if (!shown.item && (now.item || now.total !== shown.total)) await show(now)
  } catch { /* the server is away; the next answer will say so */ }
  busy = false
}

function switchRater () {
  if (busy) return
  storage(box => box.removeItem(place('rater')))
  welcome()
}

async function open () {
  $('login').addEventListener('submit', event => { event.preventDefault(); begin($('name').value) })
  $('first').addEventListener('click', () => give('first'))
  $('second').addEventListener('click', () => give('second'))
  $('undo').addEventListener('click', undo)
  $('undo-last').addEventListener('click', undo)
  $('another').addEventListener('click', switchRater)
  $('rater').addEventListener('click', switchRater)
  document.addEventListener('keydown', pressed)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look() })
  audit = await insist('api/audit')
  $('audit').textContent = audit.name
  document.title = `Review · ${audit.name}`
  window.addEventListener('storage', event => { if (event.key === place('answered')) look() })
  setInterval(() => { if (shown && !shown.item) look() }, 3000)
  const named = new URLSearchParams(location.search).get('rater') || kept('rater')
  named ? await begin(named) : welcome()
}

open()
