// Drawing: colours that everybody can tell apart (Okabe, Ito 2008), marks of classes, curves.

export const COLOURS = ['#0072b2', '#d55e00', '#009e73'];

export function bytes(base64) {
    return Uint8Array.from(atob(base64), c => c.charCodeAt(0));
}

export function floats(base64) {
    return new Float32Array(bytes(base64).buffer);
}

/** A canvas at the screen's resolution, in its own pixels. */
export function pen(canvas) {
    const scale = Math.max(1, devicePixelRatio || 1);
    const wide = Math.round(canvas.clientWidth * scale);
    const high = Math.round(canvas.clientHeight * scale);
    if (wide && (canvas.width !== wide || canvas.height !== high)) {
        canvas.width = wide;
        canvas.height = high;
    }
    const g = canvas.getContext('2d');
    g.setTransform(canvas.width / canvas.clientWidth || 1, 0, 0, canvas.height / canvas.clientHeight || 1, 0, 0);
    return {g, w: canvas.clientWidth, h: canvas.clientHeight};
}

/** A colour mixed into white. */
export function pale(colour, share) {
    return [1, 3, 5].map(i => Math.round(255 + (parseInt(colour.slice(i, i + 2), 16) - 255) * share));
}

/** The mark of a class: circle, square, triangle. */
export function mark(g, x, y, kind, r = 5) {
    g.beginPath();
    if (kind === 0) {
        g.arc(x, y, r, 0, 7);
    } else if (kind === 1) {
        g.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
    } else {
        g.moveTo(x, y - r * 1.2);
        g.lineTo(x + r * 1.1, y + r * 0.8);
        g.lineTo(x - r * 1.1, y + r * 0.8);
        g.closePath();
    }
    g.fillStyle = COLOURS[kind];
    g.fill();
    g.lineWidth = 1.4;
    g.strokeStyle = '#fff';
    g.stroke();
}

function label(value) {
    return value >= 1e4 || (value && Math.abs(value) < 1e-3) ? value.toExponential(0) : String(+value.toPrecision(2));
}

/** Losses over steps, on a logarithmic scale. */
export function curve(canvas, points) {
    const {g, w, h} = pen(canvas);
    g.clearRect(0, 0, w, h);
    g.font = '12px system-ui, sans-serif';
    g.fillStyle = '#555';
    const good = points.filter(p => p[1] > 0);
    if (good.length < 2) {
        g.textAlign = 'center';
        g.fillText('The loss appears here while the net trains.', w / 2, h / 2);
        return;
    }
    const left = 56, right = 10, top = 10, bottom = 32;
    const logs = good.map(p => Math.log10(p[1]));
    let low = Math.min(...logs), high = Math.max(...logs);
    if (high - low < 0.3) {
        [low, high] = [(low + high) / 2 - 0.15, (low + high) / 2 + 0.15];
    }
    const last = good[good.length - 1][0];
    const px = step => left + (w - left - right) * step / last;
    const py = log => top + (h - top - bottom) * (high - log) / (high - low);
    g.strokeStyle = '#ddd';
    g.lineWidth = 1;
    g.textAlign = 'right';
    g.textBaseline = 'middle';
    for (let i = 0; i <= 3; i++) {
        const at = low + (high - low) * i / 3;
        g.beginPath();
        g.moveTo(left, py(at));
        g.lineTo(w - right, py(at));
        g.stroke();
        g.fillText(label(10 ** at), left - 6, py(at));
    }
    g.textBaseline = 'alphabetic';
    g.textAlign = 'left';
    g.fillText('0', left, h - 16);
    g.textAlign = 'right';
    g.fillText(last.toLocaleString('en'), w - right, h - 16);
    g.textAlign = 'center';
    g.fillText('steps', (left + w - right) / 2, h - 4);
    g.beginPath();
    good.forEach((p, i) => g[i ? 'lineTo' : 'moveTo'](px(p[0]), py(logs[i])));
    g.strokeStyle = COLOURS[0];
    g.lineWidth = 2;
    g.lineJoin = 'round';
    g.stroke();
}
