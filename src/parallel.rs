//! The same work on every core, where there is so much of it that starting them pays.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// From how many bytes of input on.
pub const MUCH: usize = 1 << 20;

/// What the work makes of each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], bytes: usize, work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let cores = if bytes < MUCH { 1 } else { thread::available_parallelism().map_or(1, NonZero::get).min(8) };
    let share = items.len().div_ceil(cores).max(1);
    let done = |first: usize, items: &[T]| -> Vec<R> {
        items.iter().enumerate().map(|(number, item)| work(first + number, item)).collect()
    };
    if share >= items.len() {
        return done(0, items);
    }
    let done = &done;
    thread::scope(|scope| {
        let shares = items.chunks(share).enumerate();
        let running: Vec<_> = shares.map(|(number, own)| scope.spawn(move || done(number * share, own))).collect();
        running.into_iter().flat_map(|own| own.join().unwrap_or_else(|cause| resume_unwind(cause))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{MUCH, map};

    #[test]
    fn order_is_kept() {
        let items: Vec<usize> = (0..1001).collect();
        for bytes in [0, MUCH] {
            let done = map(&items, bytes, |number, item| number * 2 + item);
            assert!(done.iter().enumerate().all(|(number, done)| *done == number * 3), "{bytes}");
        }
        assert!(map(&[] as &[u8], MUCH, |_, item| *item).is_empty());
    }
}
