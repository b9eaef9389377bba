// The session with the server, the tabs, and what all tabs share.

let session = null;
let renewing = null;
let entered = false;
const renewals = [];

/** Asks the server; an Error says in words what is wrong. */
async function post(path, body, options = {}) {
    let response;
    try {
        response = await fetch(path, {method: 'POST', body: JSON.stringify(body ?? {}), headers: session ? {'X-Session': session} : {}, ...options});
    } catch {
        throw new Error('The server does not answer. Is it still running?');
    }
    const answer = await response.json().catch(() => ({error: 'The server answered with nonsense.'}));
    if (!response.ok) {
        throw Object.assign(new Error(answer.error ?? 'The server refused.'), {status: response.status});
    }
    return answer;
}

/** A new session, with everything as the page shows it. */
function enter() {
    renewing ??= (async () => {
        session = null;
        session = (await post('/api/enter')).session;
        for (const renew of entered ? renewals : []) {
            await renew();
        }
        entered = true;
    })().finally(() => { renewing = null; });
    return renewing;
}

/** Asks a study of this page's session; a session that has ended is begun anew. */
export async function ask(study, action, body) {
    if (!session) {
        await enter();
    }
    const used = session;
    try {
        return await post(`/api/${study}/${action}`, body);
    } catch (error) {
        if (error.status !== 410 || (renewing && used === session)) {
            throw error;
        }
        await (used === session ? enter() : renewing);
        return post(`/api/${study}/${action}`, body);
    }
}

/** What a study sends again to a new session. */
export function onRenewal(action) {
    renewals.push(action);
}

setInterval(() => session && post('/api/here').catch(() => {}), 20_000);
addEventListener('pagehide', () => {
    if (session) {
        post('/api/leave', {}, {keepalive: true}).catch(() => {});
        session = null;
    }
});

/** Calls an action again and again while it returns true, one at a time, and once more whenever it is poked. */
export class Watch {
    constructor(action, pause) {
        this.action = action;
        this.pause = pause;
        this.busy = false;
        this.again = false;
    }

    async poke() {
        if (this.busy) {
            this.again = true;
            return;
        }
        this.busy = true;
        let more = true;
        while (more) {
            this.again = false;
            more = await this.action().catch(error => { say(error.message, true); return false; });
            more = (more && !document.hidden) || this.again;
            if (more) {
                await new Promise(done => setTimeout(done, this.pause));
            }
        }
        this.busy = false;
    }
}

/** Shows a message at the foot of the page; an empty one hides it. */
export function say(words, isError = false) {
    const place = document.getElementById('message');
    place.textContent = words;
    place.className = isError ? 'error' : '';
    place.hidden = !words;
}

/** Runs what a visitor asked for; what goes wrong is said. */
export async function attempt(action) {
    try {
        say('');
        return await action();
    } catch (error) {
        say(error.message, true);
        return undefined;
    }
}

// ---- tabs ----

const opened = new Map();

/** What to do when a tab is shown. */
export function onShow(name, action) {
    opened.set(name, action);
}

const tabs = [...document.querySelectorAll('[role=tab]')];

export function show(name) {
    for (const tab of tabs) {
        const chosen = tab.dataset.tab === name;
        tab.setAttribute('aria-selected', chosen);
        tab.tabIndex = chosen ? 0 : -1;
        document.getElementById(tab.dataset.tab).hidden = !chosen;
    }
    say('');
    // not the panel's own name: the browser would scroll to it
    history.replaceState(null, '', '#/' + name);
    opened.get(name)?.();
}

tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => show(tab.dataset.tab));
    tab.addEventListener('keydown', event => {
        const step = {ArrowRight: 1, ArrowLeft: tabs.length - 1}[event.key];
        if (step) {
            const next = tabs[(i + step) % tabs.length];
            next.focus();
            show(next.dataset.tab);
        }
    });
});

/** To be called when all tabs are there. */
export function begin() {
    const wanted = location.hash.slice(2);
    show(tabs.some(tab => tab.dataset.tab === wanted) ? wanted : tabs[0].dataset.tab);
    addEventListener('visibilitychange', () => {
        if (!document.hidden) {
            opened.get(tabs.find(tab => tab.getAttribute('aria-selected') === 'true').dataset.tab)?.();
        }
    });
}
