// What integers have on processors and not in WGSL. Division is that of kernels: by 0 it is 0, and
// MIN / -1 is MIN.

// The rest, never negative; 0 by 0.
fn tenfold_rem_euclid_i32(x: i32, y: i32) -> i32 {
    if y == 0i || y == -1i {
        return 0i;
    }
    let rest = x % y;
    if rest >= 0i {
        return rest;
    }
    return select(rest + y, rest - y, y < 0i);
}

// The quotient that goes with it.
fn tenfold_div_euclid_i32(x: i32, y: i32) -> i32 {
    if y == 0i {
        return 0i;
    }
    if y == -1i {
        return -x;
    }
    let quotient = x / y;
    if x % y >= 0i {
        return quotient;
    }
    return select(quotient - 1i, quotient + 1i, y < 0i);
}

// The rest, never negative; 0 by 0.
fn tenfold_rem_euclid_i64(x: i64, y: i64) -> i64 {
    if y == 0li || y == -1li {
        return 0li;
    }
    let rest = x % y;
    if rest >= 0li {
        return rest;
    }
    return select(rest + y, rest - y, y < 0li);
}

// The quotient that goes with it.
fn tenfold_div_euclid_i64(x: i64, y: i64) -> i64 {
    if y == 0li {
        return 0li;
    }
    if y == -1li {
        return -x;
    }
    let quotient = x / y;
    if x % y >= 0li {
        return quotient;
    }
    return select(quotient - 1li, quotient + 1li, y < 0li);
}

fn tenfold_rem_euclid_u32(x: u32, y: u32) -> u32 {
    if y == 0u {
        return 0u;
    }
    return x % y;
}

fn tenfold_div_euclid_u32(x: u32, y: u32) -> u32 {
    if y == 0u {
        return 0u;
    }
    return x / y;
}

fn tenfold_rem_euclid_u64(x: u64, y: u64) -> u64 {
    if y == 0lu {
        return 0lu;
    }
    return x % y;
}

fn tenfold_div_euclid_u64(x: u64, y: u64) -> u64 {
    if y == 0lu {
        return 0lu;
    }
    return x / y;
}

fn tenfold_count_ones_i64(x: i64) -> u32 {
    let bits = u64(x);
    return countOneBits(u32(bits >> 32u)) + countOneBits(u32(bits & 0xfffffffflu));
}

fn tenfold_leading_zeros_i64(x: i64) -> u32 {
    let bits = u64(x);
    let high = u32(bits >> 32u);
    if high != 0u {
        return countLeadingZeros(high);
    }
    return 32u + countLeadingZeros(u32(bits & 0xfffffffflu));
}

fn tenfold_trailing_zeros_i64(x: i64) -> u32 {
    let bits = u64(x);
    let low = u32(bits & 0xfffffffflu);
    if low != 0u {
        return countTrailingZeros(low);
    }
    return 32u + countTrailingZeros(u32(bits >> 32u));
}

fn tenfold_count_ones_u64(x: u64) -> u32 {
    let bits = u64(x);
    return countOneBits(u32(bits >> 32u)) + countOneBits(u32(bits & 0xfffffffflu));
}

fn tenfold_leading_zeros_u64(x: u64) -> u32 {
    let bits = u64(x);
    let high = u32(bits >> 32u);
    if high != 0u {
        return countLeadingZeros(high);
    }
    return 32u + countLeadingZeros(u32(bits & 0xfffffffflu));
}

fn tenfold_trailing_zeros_u64(x: u64) -> u32 {
    let bits = u64(x);
    let low = u32(bits & 0xfffffffflu);
    if low != 0u {
        return countTrailingZeros(low);
    }
    return 32u + countTrailingZeros(u32(bits >> 32u));
}
