//! Requests that are not waited for.

use std::mem;

use tenfold_comm::{Communicator, wait_any};

use super::case::Told::Request;
use super::case::{Case, sides};

macro_rules! case {
    ($name:literal, $wrong:expr, $right:expr $(,)?) => {
        Case { name: $name, told: Request, ranks: 2, wrong: $wrong, right: $right }
    };
}

pub(super) fn cases<C: Communicator>() -> Vec<Case<C>> {
    vec![
        case!(
            "a receive that is dropped",
            |world| {
                let (left, right) = sides(world);
                drop(world.irecv(vec![0], left, 1)?);
                world.sendrecv((&[1], right, 0), &mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let receive = world.irecv(vec![0], left, 0)?;
                world.send(&[1], right, 0)?;
                receive.wait().map(drop)
            },
        ),
        case!(
            "a receive that is forgotten",
            |world| {
                let (left, right) = sides(world);
                mem::forget(world.irecv(vec![0], left, 0)?);
                world.bsend(&[1], right, 0)
            },
            |world| {
                let (left, right) = sides(world);
                let receive = world.irecv(vec![0], left, 0)?;
                world.bsend(&[1], right, 0)?;
                receive.wait().map(drop)
            },
        ),
        case!(
            "a send that is dropped when it is done",
            |world| {
                let (left, right) = sides(world);
                let send = world.isend(vec![1], right, 0)?;
                world.recv(&mut [0], left, 0)?;
                world.barrier()?;
                drop(send);
                Ok(())
            },
            |world| {
                let (left, right) = sides(world);
                let send = world.isend(vec![1], right, 0)?;
                world.recv(&mut [0], left, 0)?;
                world.barrier()?;
                send.wait().map(drop)
            },
        ),
        case!(
            "a send that is forgotten",
            |world| {
                let (left, right) = sides(world);
                mem::forget(world.isend(vec![1], right, 0)?);
                world.recv(&mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let mut send = world.isend(vec![1], right, 0)?;
                world.recv(&mut [0], left, 0)?;
                while !send.is_done() {}
                Ok(())
            },
        ),
        case!(
            "a persistent receive that is started and dropped",
            |world| {
                let (left, right) = sides(world);
                let mut receive = world.recv_init(vec![0], left, 1)?;
                receive.start()?;
                world.sendrecv((&[1], right, 0), &mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let mut receive = world.recv_init(vec![0], left, 0)?;
                for _ in 0..3 {
                    receive.start()?;
                    world.send(&[1], right, 0)?;
                    receive.wait()?;
                }
                Ok(())
            },
        ),
        case!(
            "two requests of which one is waited for",
            |world| {
                let (left, right) = sides(world);
                let mut requests =
                    vec![world.irecv(vec![0], left, 0)?, world.irecv(vec![0], left, 0)?];
                world.send(&[1], right, 0)?;
                wait_any(&mut requests).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let mut requests =
                    vec![world.irecv(vec![0], left, 0)?, world.irecv(vec![0], left, 0)?];
                world.send(&[1], right, 0)?;
                world.send(&[1], right, 0)?;
                while wait_any(&mut requests)?.is_some() {}
                Ok(())
            },
        ),
    ]
}
