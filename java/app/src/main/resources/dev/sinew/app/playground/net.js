// The net and its trainer as text and as a list with buttons: both show the same text, and what changes is sent to the server.

import {ask, attempt, say} from './page.js';

const PUSH = /layer_defs\.push\(\s*(\{[^}]*\})\s*\)\s*;?/g;
const ACTIVATIONS = ['tanh', 'relu', 'sigmoid', 'linear'];

function option(part, name) {
    const found = part.match(new RegExp(`['"]?\\b${name}\\b['"]?\\s*:\\s*(?:'([^']*)'|"([^"]*)"|([^,}\\s]+))`));
    return found ? found[1] ?? found[2] ?? found[3] : undefined;
}

function withOption(part, name, value) {
    const shown = typeof value === 'number' ? value : `'${value}'`;
    const pattern = new RegExp(`(['"]?\\b${name}\\b['"]?\\s*:\\s*)(?:'[^']*'|"[^"]*"|[^,}\\s]+)`);
    return pattern.test(part) ? part.replace(pattern, `$1${shown}`) : part.replace(/\s*\}$/, `, ${name}:${shown}}`);
}

function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
}

/** The editor in a tab; it learns what the server says of a net by the function onNet. */
export class NetEditor {
    constructor(study, root, preset, onNet) {
        this.study = study;
        this.onNet = onNet;
        this.preset = preset;
        this.list = root.querySelector('.layers');
        this.text = root.querySelector('textarea');
        this.wrong = root.querySelector('.wrong-net');
        this.facts = root.querySelector('.facts');
        this.text.value = preset;
        this.accepted = preset;
        this.text.addEventListener('input', () => { root.querySelector('.apply').disabled = false; });
        this.applyButton = root.querySelector('.apply');
        this.applyButton.addEventListener('click', () => this.apply());
        this.text.addEventListener('keydown', event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                this.apply();
            }
        });
        root.querySelector('.preset').addEventListener('click', () => { this.text.value = preset; this.apply(); });
        root.querySelector('.add').addEventListener('click', () => this.addLayer());
        this.showLayers();
    }

    /** Sends the text; the net begins anew. */
    async apply() {
        const text = this.text.value;
        this.showLayers();
        try {
            const net = await ask(this.study, 'net', {text});
            say('');
            this.accepted = text;
            this.wrong.hidden = true;
            this.text.removeAttribute('aria-invalid');
            this.applyButton.disabled = true;
            this.facts.textContent = `${net.parameters.toLocaleString('en')} weights`;
            this.facts.title = net.summary;
            this.onNet(net);
            return true;
        } catch (error) {
            this.wrong.textContent = error.message;
            this.wrong.hidden = false;
            this.text.setAttribute('aria-invalid', 'true');
            return false;
        }
    }

    /** The last net that was accepted, begun anew. */
    restart() {
        this.text.value = this.accepted;
        return attempt(() => this.apply());
    }

    parts() {
        return [...this.text.value.matchAll(PUSH)].map(found => ({from: found.index, to: found.index + found[0].length, part: found[1]}));
    }

    replace(place, part) {
        const value = this.text.value;
        const before = part === null ? value.slice(0, place.from).replace(/\n[ \t]*$/, '') : value.slice(0, place.from);
        this.text.value = before + (part === null ? '' : `layer_defs.push(${part});`) + value.slice(place.to);
        this.apply();
    }

    addLayer() {
        const last = this.parts().at(-1);
        if (last) {
            const value = this.text.value;
            this.text.value = value.slice(0, last.from) + "layer_defs.push({type:'fc', num_neurons:6, activation:'tanh'});\n" + value.slice(last.from);
            this.apply();
        }
    }

    showLayers() {
        const focused = document.activeElement?.dataset?.key;
        this.list.replaceChildren(...this.parts().map((place, i) => this.row(place, i)));
        if (focused) {
            this.list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
        }
    }

    row(place, i) {
        const {part} = place;
        const type = option(part, 'type') ?? '?';
        const row = element('li', {}, element('span', {className: 'kind', textContent: this.word(type, part)}));
        const size = {fc: 'num_neurons', conv: 'filters'}[type];
        if (size) {
            const units = element('input', {type: 'number', min: 1, max: 200, value: option(part, size) ?? 1,
                ariaLabel: `units of layer ${i + 1}`});
            units.dataset.key = `units${i}`;
            units.addEventListener('change', () => this.replace(place, withOption(part, size, Math.round(units.valueAsNumber || 1))));
            const activation = element('select', {ariaLabel: `activation of layer ${i + 1}`},
                ...ACTIVATIONS.map(name => element('option', {textContent: name})));
            activation.value = option(part, 'activation') ?? 'linear';
            activation.dataset.key = `activation${i}`;
            activation.addEventListener('change', () => this.replace(place, withOption(part, 'activation', activation.value)));
            row.append(units, activation);
        }
        if (!['input', 'softmax', 'svm', 'regression'].includes(type)) {
            const remove = element('button', {type: 'button', textContent: '×', title: 'Remove this layer', ariaLabel: `remove layer ${i + 1}`});
            remove.addEventListener('click', () => this.replace(place, null));
            row.append(remove);
        }
        return row;
    }

    word(type, part) {
        switch (type) {
            case 'input': {
                const sizes = ['out_sx', 'out_sy', 'out_depth'].map(name => option(part, name) ?? 1);
                return 'input ' + (sizes[0] === '1' && sizes[1] === '1' ? sizes[2] + ' numbers' : sizes.join(' × '));
            }
            case 'fc': return 'full';
            case 'conv': return `conv ${option(part, 'sx')} × ${option(part, 'sx')}`;
            case 'pool': return `max pool ${option(part, 'sx')} × ${option(part, 'sx')}`;
            case 'softmax': case 'svm': return `${type}, ${option(part, 'num_classes')} classes`;
            case 'regression': return `regression, ${option(part, 'num_neurons')} numbers`;
            default: return type;
        }
    }
}

/** Run, Restart and speed of a tab. */
export class Controls {
    constructor(study, root, editor, watch) {
        this.study = study;
        this.running = false;
        this.runButton = root.querySelector('.run');
        this.speed = root.querySelector('.speed');
        this.shown = root.querySelector('.speed-shown');
        this.runButton.addEventListener('click', () => attempt(() => this.set(!this.running)).then(() => watch.poke()));
        root.querySelector('.restart').addEventListener('click', () => editor.restart().then(() => attempt(() => this.set(true))).then(() => watch.poke()));
        this.speed.addEventListener('input', () => this.showSpeed());
        this.speed.addEventListener('change', () => attempt(() => this.set(this.running)));
        this.showSpeed();
    }

    steps() {
        return Math.round(10 ** Number(this.speed.value));
    }

    showSpeed() {
        const words = this.speed.value === this.speed.max ? 'as fast as it goes' : `${this.steps().toLocaleString('en')} steps/s`;
        this.shown.textContent = words;
        this.speed.setAttribute('aria-valuetext', words);
    }

    async set(running) {
        const speed = this.speed.value === this.speed.max ? 1_000_000 : this.steps();
        const answer = await ask(this.study, 'run', {running, speed});
        this.show(answer.running);
    }

    show(running) {
        this.running = running;
        this.runButton.textContent = running ? 'Pause' : 'Run';
        this.runButton.setAttribute('aria-pressed', running);
    }
}
