//! Two strings.

use crate::ladder::splitmix;

/// The strings to compare, and the answer where plain recursion would never find it.
#[derive(Debug, Clone)]
pub struct Problem {
    a: Vec<u8>,
    b: Vec<u8>,
    known: Option<u32>,
}

impl Problem {
    /// Up to this many letters in both strings together, plain recursion ends within seconds.
    const PLAIN: usize = 40;

    /// Up to this many letters in both strings together, the calls of a recursion fit on any stack.
    const DEEP: usize = 1000;

    /// Two strings to compare.
    #[must_use]
    pub fn new(a: Vec<u8>, b: Vec<u8>) -> Self {
        let known = (a.len() + b.len() > Self::PLAIN).then(|| by_table(&a, &b));
        Self { a, b, known }
    }

    /// Two strings of `n` letters out of four.
    #[must_use]
    pub fn draw(n: usize) -> Self {
        let letter = |i| b"acgt"[(splitmix::output(7, i) >> 62) as usize];
        let mut letters = (0..).map(letter);
        Self::new(letters.by_ref().take(n).collect(), letters.take(n).collect())
    }

    /// The first string.
    #[must_use]
    pub fn a(&self) -> &[u8] {
        &self.a
    }

    /// The second string.
    #[must_use]
    pub fn b(&self) -> &[u8] {
        &self.b
    }

    pub(super) fn known(&self) -> Option<u32> {
        self.known
    }

    /// Why a recursion that remembers does not take the problem.
    pub(super) fn too_deep(&self) -> Option<String> {
        let depth = self.a.len() + self.b.len();
        (depth > Self::DEEP).then(|| {
            format!(
                "the recursion is {depth} calls deep, and the stack of a thread holds some thousands"
            )
        })
    }

    /// Why plain recursion does not take the problem.
    pub(super) fn too_long(&self) -> Option<String> {
        let (n, m) = (self.a.len(), self.b.len());
        // Counted: 1.1e7 calls at 18x18, 9.3e9 at 25x25, 2.3e12 at 30x30.
        self.known.map(|_| {
            format!(
                "plain recursion on {n}x{m} letters makes some 2.6^{} calls: 10^7 at 18x18, minutes \
                 of them at 28x28",
                n.min(m)
            )
        })
    }
}

/// The textbook's table, whole: slow, and as far from the rungs as one can write it.
fn by_table(a: &[u8], b: &[u8]) -> u32 {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            table[i][j] = if a[i - 1] == b[j - 1] {
                table[i - 1][j - 1] + 1
            } else {
                table[i - 1][j].max(table[i][j - 1])
            };
        }
    }
    table[a.len()][b.len()]
}
