//! The kernel of `kernel` on a device: three arrays go up, and one comes down.

use ndarray::ArrayView1;
use tenfold_gpu::OnDevice as _;

use super::{Options, kernel::price};
use crate::ladder::device::{down, on, up};

pub(super) fn run(options: &Options) -> Vec<f64> {
    let Options { spot, strike, years, rate, volatility } = options;
    on(|device| {
        let spot = up(device, &ArrayView1::from(spot))?;
        let strike = up(device, &ArrayView1::from(strike))?;
        let years = up(device, &ArrayView1::from(years))?;
        down(&price::on(device).map((&spot, &strike, &years, *rate, *volatility))?)
    })
}
