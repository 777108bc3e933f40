//! Lengths of axes that differ as little as they can.

/// The lengths of so many axes whose product is `ranks`, the longest first. The longest and the shortest
/// differ least; of those, the longest is the shortest.
pub(super) fn lengths(ranks: usize, axes: usize) -> Vec<usize> {
    let divisors = divisors(ranks);
    let mut search = Search { divisors: &divisors, chosen: vec![], best: vec![] };
    search.choose(ranks, axes);
    search.best
}

/// In ascending order.
fn divisors(n: usize) -> Vec<usize> {
    let mut low: Vec<usize> =
        (1..).take_while(|&d| d <= n / d).filter(|&d| n.is_multiple_of(d)).collect();
    let high: Vec<usize> = low.iter().rev().map(|&d| n / d).filter(|&d| d * d != n).collect();
    low.extend(high);
    low
}

/// Tries descending lengths, the shorter ones first, and leaves what cannot be better than the best.
struct Search<'a> {
    divisors: &'a [usize],
    chosen: Vec<usize>,
    best: Vec<usize>,
}

impl Search<'_> {
    /// Chooses the lengths of `axes` more axes, whose product is `rest`.
    fn choose(&mut self, rest: usize, axes: usize) {
        let longest = self.chosen.last().map_or(rest, |&last| last.min(rest));
        if axes == 1 {
            if rest <= longest {
                self.chosen.push(rest);
                self.best = self.chosen.clone();
                self.chosen.pop();
            }
            return;
        }
        let divisors = self.divisors;
        // The longest of them is no shorter than if all were as long.
        let from = divisors.partition_point(|&d| power(d, axes) < rest as u128);
        let candidates = divisors[from..].iter().take_while(|&&d| d <= longest);
        for &length in candidates.filter(|&&d| rest.is_multiple_of(d)) {
            self.chosen.push(length);
            if self.may_be_better(rest / length, axes - 1) {
                self.choose(rest / length, axes - 1);
            }
            self.chosen.pop();
        }
    }

    /// Whether what is chosen, and the best that `axes` more could be, is better than the best so far.
    fn may_be_better(&self, rest: usize, axes: usize) -> bool {
        // The shortest of them is no longer than if all were as long.
        let to = self.divisors.partition_point(|&d| power(d, axes) <= rest as u128);
        let shortest = self.divisors[..to].iter().rev().find(|&&d| rest.is_multiple_of(d));
        let score = |longest: usize, shortest: usize| (longest - shortest, longest);
        match (&self.best[..], &self.chosen[..], shortest) {
            ([longest, .., last], [first, ..], Some(&shortest)) => {
                score(*first, shortest.min(*first)) < score(*longest, *last)
            }
            _ => true,
        }
    }
}

fn power(base: usize, exponent: usize) -> u128 {
    (0..exponent).fold(1, |power: u128, _| power.saturating_mul(base as u128))
}

#[cfg(test)]
mod tests {
    use super::lengths;

    /// The best of all, without leaving any out.
    fn all(
        rest: usize,
        axes: usize,
        longest: usize,
        so_far: &mut Vec<usize>,
        best: &mut Vec<usize>,
    ) {
        let score = |l: &[usize]| (l[0] - l[l.len() - 1], l[0]);
        if axes == 0 {
            if rest == 1 && (best.is_empty() || score(so_far) < score(best)) {
                best.clone_from(so_far);
            }
            return;
        }
        for length in (1..=longest.min(rest)).filter(|&d| rest.is_multiple_of(d)) {
            so_far.push(length);
            all(rest / length, axes - 1, length, so_far, best);
            so_far.pop();
        }
    }

    #[test]
    fn no_lengths_are_better() {
        for ranks in (1..=if cfg!(miri) { 24 } else { 200 }).chain([720]) {
            for axes in 1..=4 {
                let (mut so_far, mut best) = (vec![], vec![]);
                all(ranks, axes, ranks, &mut so_far, &mut best);
                let found = lengths(ranks, axes);
                let score = |l: &[usize]| (l[0] - l[l.len() - 1], l[0]);
                assert_eq!(found.iter().product::<usize>(), ranks);
                assert_eq!(score(&found), score(&best), "{ranks} in {axes}: {found:?}, {best:?}");
            }
        }
    }

    /// As many divisors as a number of ranks can have.
    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn many_divisors_take_no_time() {
        for ranks in [3_491_888_400, 223_092_870, 1 << 31, 4_294_967_291] {
            for axes in [1, 2, 3, 4, 6, 8, 64] {
                assert_eq!(lengths(ranks, axes).len(), axes);
            }
        }
    }
}
