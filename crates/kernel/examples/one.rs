use tenfold_kernel::{Nbr2, kernel, ndarray::*};
#[kernel(stencil, border = reflect)]
fn heat(u: Nbr2<f64>) -> f64 {
    0.5 * u[[0, 0]] + 0.125 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}
fn main() {
    let mut u = Array2::<f64>::zeros((20, 30));
    #[cfg(not(any(m1)))]
    heat::steps(3).run(&mut u).unwrap();
    #[cfg(not(any(m2)))]
    {
        u = heat::map(&u).unwrap();
    }
    println!("{}", u.sum());
}
