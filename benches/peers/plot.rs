//! Time over number of items as a drawing, both axes logarithmic.

use std::fmt::Write;

/// What one peer took.
pub struct Line {
    /// Who it is.
    pub name: &'static str,
    /// Number of items, and seconds.
    pub points: Vec<(f64, f64)>,
}

const COLOURS: [&str; 6] = ["#1f6feb", "#888888", "#d29922", "#a371f7", "#cf222e", "#1a7f37"];
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;

/// The drawing.
pub fn svg(lines: &[Line]) -> String {
    let all = || lines.iter().flat_map(|line| line.points.iter().copied());
    let span = |values: Vec<f64>| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min).log10().floor();
        let high = values.iter().copied().fold(0.0, f64::max).log10().ceil();
        (low, high.max(low + 1.0))
    };
    let (left, right) = span(all().map(|point| point.0).collect());
    let (bottom, top) = span(all().map(|point| point.1).collect());
    let x = |items: f64| 60.0 + (items.log10() - left) / (right - left) * (WIDTH - 260.0);
    let y = |seconds: f64| HEIGHT - 50.0 - (seconds.log10() - bottom) / (top - bottom) * (HEIGHT - 80.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for power in left as i32..=right as i32 {
        let at = x(10f64.powi(power));
        let _ = writeln!(
            out,
            "<line x1=\"{at:.0}\" y1=\"30\" x2=\"{at:.0}\" y2=\"{:.0}\" stroke=\"#dddddd\"/><text x=\"{at:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - 50.0,
            HEIGHT - 32.0,
            10f64.powi(power)
        );
    }
    for power in bottom as i32..=top as i32 {
        let at = y(10f64.powi(power));
        let _ = writeln!(
            out,
            "<line x1=\"60\" y1=\"{at:.0}\" x2=\"{:.0}\" y2=\"{at:.0}\" stroke=\"#dddddd\"/><text x=\"54\" y=\"{:.0}\" text-anchor=\"end\">{} s</text>",
            WIDTH - 200.0,
            at + 4.0,
            10f64.powi(power)
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">items</text>",
        (WIDTH - 140.0) / 2.0,
        HEIGHT - 12.0
    );
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.points.is_empty()) {
        let colour = COLOURS[number % COLOURS.len()];
        let points: Vec<String> =
            line.points.iter().map(|(items, seconds)| format!("{:.0},{:.0}", x(*items), y(*seconds))).collect();
        let label = 50.0 + 20.0 * number as f64;
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{:.0}\" y=\"{label:.0}\" fill=\"{colour}\">{}</text>",
            points.join(" "),
            WIDTH - 185.0,
            line.name
        );
    }
    out + "</svg>\n"
}
