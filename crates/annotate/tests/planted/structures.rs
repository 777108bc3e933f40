//! Fields of structs: arrays of structs, structs of arrays, methods.

use std::hint::black_box;

#[derive(Clone, Copy)]
pub struct Body {
    pub place: [f64; 3],
    pub speed: [f64; 3],
    pub mass: f64,
}

pub struct Bodies {
    pub places: Vec<f64>,
    pub speeds: Vec<f64>,
    pub masses: Vec<f64>,
}

impl Bodies {
    #[inline(never)]
    pub fn moved_by_index(&mut self, dt: f64) {
        for i in 0..self.places.len() {
            self.places[i] += dt * self.speeds[i]; //~ bounds scalar?
        }
    }

    #[inline(never)]
    pub fn moved(&mut self, dt: f64) {
        for (place, speed) in self.places.iter_mut().zip(&self.speeds) {
            *place += dt * speed;
        }
    }

    #[inline(never)]
    pub fn total_mass(&self) -> f64 {
        self.masses.iter().sum::<f64>() //~ scalar
    }

    #[inline(never)]
    pub fn heavier(&mut self, by: f64) {
        self.masses.iter_mut().for_each(|mass| *mass *= by);
    }
}

#[inline(never)]
pub fn energy(bodies: &[Body]) -> f64 {
    let mut total = 0.0;
    for body in bodies {
        let [x, y, z] = body.speed;
        total += 0.5 * body.mass * (x * x + y * y + z * z); //~ scalar
    }
    total
}

#[inline(never)]
pub fn pulls(bodies: &[Body], out: &mut [f64]) {
    for (out, body) in out.iter_mut().zip(bodies) {
        let r = body.place[0] * body.place[0] + body.place[1] * body.place[1]; //~ scalar?
        *out = body.mass / r.sqrt(); //~ div scalar?
    }
}

pub struct Field {
    pub width: usize,
    pub cells: Vec<f64>,
}

impl Field {
    fn cell(&self, x: usize, y: usize) -> f64 {
        self.cells[y * self.width + x] //~ bounds
    }

    #[inline(never)]
    pub fn corner_total(&self, n: usize) -> f64 {
        let mut total = 0.0;
        for i in 0..n {
            total += self.cell(i, i); //~ scalar
        }
        total
    }
}

fn main() {
    black_box([Bodies::moved_by_index as *const (), Bodies::moved as *const ()]);
    black_box([Bodies::total_mass as *const (), Bodies::heavier as *const ()]);
    black_box([energy as *const (), pulls as *const (), Field::corner_total as *const ()]);
}
