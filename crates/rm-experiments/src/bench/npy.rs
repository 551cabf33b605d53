//! Vectors in NumPy's files.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use npyz::{DType, NpyFile, Order, WriterBuilder as _};
use rm_core::Vectors;

/// Says what is wrong with a file of vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file cannot be read or written, or is no NumPy file.
    #[error("{}: expected a NumPy file (.npy) of vectors: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system or the reader says.
        source: std::io::Error,
    },

    /// The array has another shape, order or type than vectors have.
    #[error("{}: expected {expected}, got {got}", path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// What vectors are.
        expected: &'static str,
        /// What came.
        got: String,
    },

    /// A row is no vector that has a direction.
    #[error("{}: {source}", path.display())]
    Vectors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rm_core::Error,
    },
}

/// Reads an array of shape `(n, dim)`, float32 or float64, one vector a row, and scales rows to unit norm.
///
/// # Errors
/// [`NpyError`], where the file cannot be read, is another array, or holds a row without direction.
pub fn read_npy(path: &Path) -> Result<Vectors, NpyError> {
    let array = Array::open(path)?;
    let dim = array.dim;
    let io = |source| NpyError::Io {
        path: path.to_path_buf(),
        source,
    };
    let rows: Vec<f32> = if array.is_f64 {
        let rows: Vec<f64> = array.npy.into_vec().map_err(io)?;
        rows.into_iter().map(|x| x as f32).collect()
    } else {
        array.npy.into_vec().map_err(io)?
    };
    vectors(path, dim, rows)
}

/// Reads the same as [`read_npy`], `block_rows` vectors at a time, and hands them on.
///
/// # Errors
/// As [`read_npy`], and what `visit` returns.
pub fn for_each_block<E: From<NpyError>>(
    path: &Path,
    block_rows: usize,
    mut visit: impl FnMut(Vectors) -> Result<(), E>,
) -> Result<(), E> {
    let array = Array::open(path)?;
    let dim = array.dim;
    let io = |source| NpyError::Io {
        path: path.to_path_buf(),
        source,
    };
    let numbers: Box<dyn Iterator<Item = std::io::Result<f32>>> = if array.is_f64 {
        let numbers = array
            .npy
            .data::<f64>()
            .map_err(|error| io(std::io::Error::other(error)))?;
        Box::new(numbers.map(|x| Ok(x? as f32)))
    } else {
        let numbers = array
            .npy
            .data::<f32>()
            .map_err(|error| io(std::io::Error::other(error)))?;
        Box::new(numbers)
    };
    let mut block = Vec::with_capacity(block_rows * dim);
    for number in numbers {
        block.push(number.map_err(io)?);
        if block.len() == block_rows * dim {
            let rows = std::mem::replace(&mut block, Vec::with_capacity(block_rows * dim));
            visit(vectors(path, dim, rows)?)?;
        }
    }
    if block.is_empty() {
        return Ok(());
    }
    visit(vectors(path, dim, block)?)
}

fn vectors(path: &Path, dim: usize, rows: Vec<f32>) -> Result<Vectors, NpyError> {
    Vectors::from_rows(dim, rows).map_err(|source| NpyError::Vectors {
        path: path.to_path_buf(),
        source,
    })
}

/// Is an array of vectors that is about to be read.
struct Array {
    npy: NpyFile<BufReader<File>>,
    dim: usize,
    is_f64: bool,
}

impl Array {
    /// Reads the header and refuses what are no vectors.
    fn open(path: &Path) -> Result<Self, NpyError> {
        let io = |source| NpyError::Io {
            path: path.to_path_buf(),
            source,
        };
        let array = |expected, got| NpyError::Array {
            path: path.to_path_buf(),
            expected,
            got,
        };
        let file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let npy = NpyFile::new(BufReader::with_capacity(1 << 20, file)).map_err(io)?;
        let &[n, dim] = npy.shape() else {
            let got = format!("{} dimensions", npy.shape().len());
            return Err(array("an array of 2 dimensions, one vector a row", got));
        };
        if npy.order() != Order::C && n > 1 && dim > 1 {
            let got = "columns (Fortran's order)".to_owned();
            return Err(array("rows one after the other (C's order)", got));
        }
        let width = match npy.dtype() {
            DType::Plain(kind) if kind.to_string() == "<f4" => 4,
            DType::Plain(kind) if kind.to_string() == "<f8" => 8,
            other => return Err(array("little-endian float32 or float64", other.descr())),
        };
        // What the header promises must be there before room is made for it.
        let promised = n.checked_mul(dim).and_then(|len| len.checked_mul(width));
        if promised.is_none_or(|promised| promised > length) {
            let got = format!("a header that says {n} x {dim} in a file of {length} bytes");
            return Err(array("as many numbers as the header says", got));
        }
        Ok(Self {
            npy,
            // The product was checked above, so the dimension fits.
            dim: dim as usize,
            is_f64: width == 8,
        })
    }
}

/// Writes `n` vectors of `dim` components, which come as row-major blocks, as an array of float32.
///
/// # Errors
/// Where a block cannot be had; [`NpyError::Io`] where the file cannot be written. A file that is there already stays
/// as it was then.
pub fn write_npy<E: From<NpyError>>(
    path: &Path,
    n: u64,
    dim: usize,
    blocks: impl IntoIterator<Item = Result<Vec<f32>, E>>,
) -> Result<(), E> {
    let io = |source| NpyError::Io {
        path: path.to_path_buf(),
        source,
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let unfinished = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let mut file = BufWriter::with_capacity(1 << 20, unfinished);
    let options = npyz::WriteOptions::<f32>::new().default_dtype();
    let mut writer = options
        .shape(&[n, dim as u64])
        .writer(&mut file)
        .begin_nd()
        .map_err(io)?;
    for block in blocks {
        writer.extend(block?).map_err(io)?;
    }
    writer.finish().map_err(io)?;
    file.flush().map_err(io)?;
    let unfinished = file.into_inner().map_err(|error| io(error.into_error()))?;
    unfinished.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(n: u64, dim: usize, rows: Vec<f32>) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vectors.npy");
        write_npy(&path, n, dim, [Ok::<_, NpyError>(rows)]).expect("written");
        (folder, path)
    }

    #[test]
    fn what_is_written_is_read_at_unit_norm() -> Result<(), NpyError> {
        let (_folder, path) = written(2, 2, vec![3.0, 4.0, 0.0, -2.0]);
        let expected = [0.6, 0.8, 0.0, -1.0];
        assert_eq!(read_npy(&path)?.as_slice(), expected);
        let mut blocks = Vec::new();
        for_each_block(&path, 1, |block| {
            blocks.push(block.as_slice().to_vec());
            Ok::<_, NpyError>(())
        })?;
        assert_eq!(blocks, [&expected[..2], &expected[2..]]);
        Ok(())
    }

    #[test]
    fn other_arrays_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("other.npy");
        let refused = |what: &str| {
            let error = read_npy(&path)
                .map(|_| ())
                .expect_err("refused")
                .to_string();
            assert!(
                error.contains("other.npy") && error.contains(what),
                "{error}"
            );
        };
        refused("expected a NumPy file");
        std::fs::write(&path, b"no array").expect("written");
        refused("expected a NumPy file");
        npyz::to_file_1d(&path, [1.0f32, 2.0]).expect("written");
        refused("got 1 dimensions");
        let mut whole = Vec::new();
        let options = npyz::WriteOptions::<i32>::new()
            .default_dtype()
            .shape(&[1, 2]);
        let mut writer = options.writer(&mut whole).begin_nd().expect("begun");
        writer.extend([1, 2]).expect("extended");
        writer.finish().expect("finished");
        std::fs::write(&path, &whole).expect("written");
        refused("float32");
    }

    #[test]
    fn a_file_shorter_than_its_header_says_is_refused_before_room_is_made() {
        let (_folder, path) = written(2, 2, vec![3.0, 4.0, 0.0, -2.0]);
        let whole = std::fs::read(&path).expect("read");
        let (said, lie) = (b"(2, 2, ), }         ", b"(2000000000, 2, ), }");
        let at = whole.windows(said.len()).position(|part| part == said);
        let at = at.expect("a shape and the spaces behind it");
        let mut long = whole.clone();
        long[at..at + lie.len()].copy_from_slice(lie);
        std::fs::write(&path, long).expect("written");
        let error = read_npy(&path).map(|_| ()).expect_err("refused");
        assert!(error.to_string().contains("2000000000 x 2"), "{error}");
        std::fs::write(&path, &whole[..whole.len() - 8]).expect("cut");
        assert!(read_npy(&path).is_err());
    }

    #[test]
    fn a_row_without_direction_is_refused() {
        let (_folder, path) = written(2, 2, vec![3.0, 4.0, 0.0, 0.0]);
        let error = read_npy(&path).map(|_| ()).expect_err("refused");
        assert!(error.to_string().contains("vector 1 is zero"), "{error}");
    }
}
