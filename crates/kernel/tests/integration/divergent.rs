//! Kernels whose lanes go different ways, bit for bit against their ordinary functions.

use tenfold_kernel::{Real, kernel};

use crate::elementwise::on_every_isa;

/// The Julia set's loop.
#[kernel]
fn escape(x: f64, y: f64, most: u32) -> u32 {
    let mut zr = x;
    let mut zi = y;
    let mut n = 0;
    while zr * zr + zi * zi < 4.0 && n < most {
        let t = zr * zr - zi * zi - 0.4;
        zi = 2.0 * zr * zi + 0.6;
        zr = t;
        n += 1;
    }
    n
}

/// What is left of z where each lane stopped.
#[kernel]
fn last(x: f64, y: f64) -> (f64, f64) {
    let mut zr = x;
    let mut zi = y;
    for _ in 0..50 {
        if zr * zr + zi * zi > 4.0 {
            break;
        }
        let t = zr * zr - zi * zi - 0.4;
        zi = 2.0 * zr * zi + 0.6;
        zr = t;
    }
    (zr, zi)
}

/// Early return, continue, break, and a value after the loop.
#[kernel]
fn collatz(n: u32) -> u32 {
    let mut n = n;
    let mut steps = 0;
    loop {
        if n <= 1 {
            return steps;
        }
        if n % 2 == 0 {
            n /= 2;
            continue;
        }
        if steps > 30 {
            break;
        }
        n = 3 * n + 1;
        steps += 1;
    }
    steps + 1000
}

/// The course's is_prime.
#[kernel]
fn is_prime(n: u64) -> bool {
    if n < 2 {
        return false;
    }
    let mut d = 2;
    while d * d <= n {
        if n % d == 0 {
            return false;
        }
        d += 1;
    }
    true
}

/// Nested loops, left and continued from inside.
#[kernel]
fn pairs(n: i32) -> i32 {
    let mut sum = 0;
    'rows: for i in 0..n % 20 {
        let mut inner = 0;
        for j in i..=n % 13 {
            if j == 7 {
                continue 'rows;
            }
            if i * j > 40 {
                break 'rows;
            }
            if j % 3 == 1 {
                continue;
            }
            inner += j;
        }
        sum += inner * (i + 1);
    }
    sum
}

/// Ranges downwards and in steps, with bounds that differ between lanes.
#[kernel]
fn stairs(n: i16, m: i16) -> i16 {
    let mut sum = 0;
    for i in (n..m).rev() {
        sum = sum * 3 + i;
    }
    for i in (n..=m).step_by(5) {
        sum -= i;
    }
    for i in (n..m).rev().step_by(3) {
        sum ^= i;
    }
    sum
}

/// A match, and branches with values that return.
#[kernel]
fn classes(n: i32) -> i32 {
    let m = match n % 7 {
        0 => 10,
        1 | 2 => 20,
        3..=4 => return -n,
        ..=-1 => return n,
        _ => {
            let mut k = n;
            while k > 50 {
                k -= 13;
            }
            k
        }
    };
    if m > 15 { m + 1 } else { m * 2 }
}

/// Newton's square root: convergence differs from lane to lane.
#[kernel(for = [f32, f64])]
fn newton<T: Real>(x: T) -> T {
    if x <= 0.0 {
        return 0.0;
    }
    let mut y = x;
    let mut n = 0;
    loop {
        let next = 0.5 * (y + x / y);
        let change = (next - y).abs();
        y = next;
        n += 1;
        if change <= 1e-6 * y || n == 60 {
            break;
        }
    }
    y
}

/// A kernel that calls one that diverges, in a loop of its own.
#[kernel]
fn total(n: u32) -> u32 {
    let mut sum = 0;
    let mut k = n % 30;
    while k > 0 {
        sum += collatz(k);
        k -= 1;
    }
    sum
}

/// A variable that lives on from round to round of the outer loop.
#[kernel]
fn carried(n: i32) -> i32 {
    let mut x = n;
    let mut rounds = 0;
    while rounds < 5 {
        while x % 10 > 3 {
            x += 1;
        }
        x += rounds;
        if x > 1000 {
            return x;
        }
        rounds += 1;
    }
    x
}

#[test]
fn lanes_give_the_bits_of_the_function() {
    let grid: Vec<f64> = (0..333).map(|i| f64::from(i * 7919 % 331) / 110.0 - 1.5).collect();
    let other: Vec<f64> = (0..333).map(|i| f64::from(i * 104_729 % 337) / 110.0 - 1.5).collect();
    let signed: Vec<i32> = (-170..1700).collect();
    on_every_isa(|| {
        let counts = escape::map(&grid, &other, 200).unwrap();
        let (re, im) = last::map(&grid, &other).unwrap();
        let roots = newton::map(&grid).unwrap();
        let singles: Vec<f32> = grid.iter().map(|&x| x as f32 * 1e3).collect();
        let single_roots = newton::map(&singles).unwrap();
        for (i, (&x, &y)) in grid.iter().zip(&other).enumerate() {
            assert_eq!(counts[i], escape(x, y, 200));
            let (expected_re, expected_im) = last(x, y);
            assert_eq!(re[i].to_bits(), expected_re.to_bits());
            assert_eq!(im[i].to_bits(), expected_im.to_bits());
            assert_eq!(roots[i].to_bits(), newton(x).to_bits());
            assert_eq!(single_roots[i].to_bits(), newton(singles[i]).to_bits());
        }
        let (primes, steps) = (is_prime::map(0..2000).unwrap(), collatz::map(0..2000).unwrap());
        let totals = total::map(0..2000).unwrap();
        for n in 0..2000_u32 {
            assert_eq!(primes[n as usize], is_prime(n.into()), "{n}");
            assert_eq!(steps[n as usize], collatz(n), "{n}");
            assert_eq!(totals[n as usize], total(n), "{n}");
        }
        let (sums, kinds) = (pairs::map(&signed).unwrap(), classes::map(&signed).unwrap());
        let carry = carried::map(&signed).unwrap();
        for (i, &n) in signed.iter().enumerate() {
            assert_eq!(sums[i], pairs(n), "{n}");
            assert_eq!(kinds[i], classes(n), "{n}");
            assert_eq!(carry[i], carried(n), "{n}");
        }
        let n: Vec<i16> = (0..300).map(|i| i * 13 % 97 - 40).collect();
        let m: Vec<i16> = (0..300).map(|i| i * 31 % 89 - 30).collect();
        let got = stairs::map(&n, &m).unwrap();
        assert!((0..300).all(|i| got[i] == stairs(n[i], m[i])));
    });
}

#[test]
fn ranges_may_reach_the_ends_of_their_type() {
    on_every_isa(|| {
        let (n, m) = (vec![i16::MAX - 4; 20], vec![i16::MAX; 20]);
        assert_eq!(stairs::map(&n, &m).unwrap()[7], stairs(n[0], m[0]));
        let (n, m) = (vec![i16::MIN; 20], vec![i16::MIN + 9; 20]);
        assert_eq!(stairs::map(&n, &m).unwrap()[7], stairs(n[0], m[0]));
    });
}
