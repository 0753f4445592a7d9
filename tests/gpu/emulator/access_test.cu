#include "kernels/backend/cuda/extensions.h"
#include "tests/gpu/emulator/emulator_test.h"

// Accesses to memory: races, initialisation, bounds.

namespace ctxfit::emulator {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using AccessTest = EmulatorTest;

__device__ int Global() { return static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); }

__global__ void WriteOwn(int* out) { out[Global()] = Global(); }

TEST_F(AccessTest, ThreadsThatKeepToTheirOwnMemoryAreClean) {
  const auto out = Zeros(512);
  EXPECT_THAT(FaultsOf(WriteOwn, 4, 128, out.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(WriteOwn, 4, 128, out.data()), IsEmpty()) << "launches are in order";
  const std::vector<int> values = out.ToHost().value();
  for (int i = 0; i < 512; ++i) EXPECT_EQ(values[i], i);
}

enum class Barrier { kNone, kWarp, kBlock };

// Every thread reads what the thread `distance` away has written to shared memory.
template <Barrier kBarrier>
__global__ void Exchange(int distance, int* out) {
  struct Values {
    int of[128];
  };
  CTXFIT_SHARED(Values, values);
  values.of[threadIdx.x] = static_cast<int>(threadIdx.x);
  if (kBarrier == Barrier::kWarp) __syncwarp();
  if (kBarrier == Barrier::kBlock) __syncthreads();
  out[threadIdx.x] = values.of[threadIdx.x ^ static_cast<unsigned>(distance)];
}

TEST_F(AccessTest, AReadOfWhatAnotherThreadWritesNeedsABarrierOfBoth) {
  const auto out = Zeros(128);
  for (const int distance : {1, 32}) {
    EXPECT_THAT(FaultsOf(Exchange<Barrier::kBlock>, 1, 128, distance, out.data()), IsEmpty()) << distance;
    EXPECT_THAT(out.ToHost().value()[5], 5 ^ distance);
  }
  EXPECT_THAT(FaultsOf(Exchange<Barrier::kWarp>, 1, 128, 1, out.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(Exchange<Barrier::kWarp>, 1, 128, 32, out.data()), testing::Contains(Fault::kRace));
  EXPECT_THAT(FaultsOf(Exchange<Barrier::kNone>, 1, 128, 1, out.data()), testing::Contains(Fault::kRace));
}

TEST_F(AccessTest, AReportNamesKernelThreadAndLine) {
  const auto out = Zeros(128);
  FaultsOf(Exchange<Barrier::kNone>, 1, 128, 1, out.data());
  ASSERT_FALSE(reports_.empty());
  EXPECT_THAT(reports_[0].text,
              AllOf(HasSubstr("Exchange"), HasSubstr("block (0, 0), thread "), HasSubstr("at access_test.cu:")));
}

// A value is read by all and then replaced.
template <Barrier kBarrier>
__global__ void ReadThenWrite(int* value, int* out) {
  out[threadIdx.x] = *value;
  if (kBarrier == Barrier::kWarp) __syncwarp();
  if (kBarrier == Barrier::kBlock) __syncthreads();
  if (threadIdx.x == 0) *value = 1;
}

TEST_F(AccessTest, AWriteToWhatOthersReadNeedsABarrier) {
  const auto value = Zeros(1);
  const auto out = Zeros(64);
  EXPECT_THAT(FaultsOf(ReadThenWrite<Barrier::kBlock>, 1, 64, value.data(), out.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(ReadThenWrite<Barrier::kWarp>, 1, 32, value.data(), out.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(ReadThenWrite<Barrier::kWarp>, 1, 64, value.data(), out.data()), ElementsAre(Fault::kRace));
  EXPECT_THAT(FaultsOf(ReadThenWrite<Barrier::kNone>, 1, 64, value.data(), out.data()), ElementsAre(Fault::kRace));
}

__global__ void ReadThenWriteOfBlocks(int* value, int* out) {
  out[blockIdx.x] = *value;
  if (blockIdx.x == 3) *value = 1;
}

__global__ void CountPlainly(int* count) { ++*count; }
__global__ void CountAtomically(int* count) { atomicAdd(count, 1); }
__global__ void CountAndLook(int* count, int* out) {
  atomicAdd(count, 1);
  out[blockIdx.x] = *count;
}

TEST_F(AccessTest, NothingButAtomicsOrdersBlocks) {
  const auto count = Zeros(1);
  const auto out = Zeros(8);
  EXPECT_THAT(FaultsOf(CountAtomically, 8, 64, count.data()), IsEmpty());
  EXPECT_EQ(count.ToHost().value()[0], 512);
  EXPECT_THAT(FaultsOf(CountPlainly, 8, 1, count.data()), ElementsAre(Fault::kRace));
  EXPECT_THAT(FaultsOf(CountAndLook, 8, 1, count.data(), out.data()), ElementsAre(Fault::kRace));
  EXPECT_THAT(FaultsOf(ReadThenWriteOfBlocks, 8, 1, count.data(), out.data()), ElementsAre(Fault::kRace));
}

__global__ void Copy(const int* in, int* out) { out[Global()] = in[Global()]; }

__global__ void ReadShared(int* out) {
  CTXFIT_SHARED(int, never_written);
  out[threadIdx.x] = never_written;
}

TEST_F(AccessTest, MemoryIsWrittenBeforeItIsRead) {
  const auto in = Uninitialised(32);
  const auto out = Zeros(32);
  EXPECT_THAT(FaultsOf(Copy, 1, 32, in.data(), out.data()), ElementsAre(Fault::kUninitialised));
  EXPECT_THAT(FaultsOf(ReadShared, 1, 32, out.data()), ElementsAre(Fault::kUninitialised));
  EXPECT_THAT(FaultsOf(WriteOwn, 1, 32, in.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(Copy, 1, 32, in.data(), out.data()), IsEmpty());
}

TEST_F(AccessTest, TheHostReadsOnlyWhatWasWritten) {
  const auto values = Uninitialised(32);
  EXPECT_TRUE(values.ToHost().ok());
  const std::vector<Report> reports = TakeReports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].fault, Fault::kUninitialised);
}

template <int kSize>
__global__ void WriteBehindShared(int index) {
  struct Values {
    int of[kSize];
  };
  CTXFIT_SHARED(Values, values);
  CTXFIT_SHARED(Values, others);
  (&values.of[0])[index] = 0;
  others.of[0] = 0;
}

__global__ void WriteDynamic(int index) {
  CTXFIT_DYNAMIC_SHARED(int, values);
  values[index] = 0;
}

TEST_F(AccessTest, AccessesStayWithinWhatIsAllocated) {
  const auto out = Zeros(100);
  EXPECT_THAT(FaultsOf(WriteOwn, 1, 100, out.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(WriteOwn, 1, 101, out.data()), ElementsAre(Fault::kBounds));
  EXPECT_THAT(FaultsOf(WriteBehindShared<4>, 1, 1, 3), IsEmpty());
  EXPECT_THAT(FaultsOf(WriteBehindShared<4>, 1, 1, 4), ElementsAre(Fault::kBounds));
  shared_bytes_ = 16;
  EXPECT_THAT(FaultsOf(WriteDynamic, 1, 1, 3), IsEmpty());
  EXPECT_THAT(FaultsOf(WriteDynamic, 1, 1, 4), ElementsAre(Fault::kBounds));
}

TEST_F(AccessTest, FreedMemoryIsNotAllocated) {
  const int* in = Zeros(32).data();
  const auto out = Zeros(32);
  EXPECT_THAT(FaultsOf(Copy, 1, 32, in, out.data()), ElementsAre(Fault::kBounds));
}

TEST_F(AccessTest, KernelsReadConstantsButNoMemoryOfTheHost) {
  static const int constants[32] = {1, 2, 3};
  std::vector<int> memory(32);
  const auto out = Zeros(32);
  EXPECT_THAT(FaultsOf(Copy, 1, 32, &constants[0], out.data()), IsEmpty());
  EXPECT_THAT(FaultsOf(Copy, 1, 32, memory.data(), out.data()), ElementsAre(Fault::kHostMemory));
  EXPECT_THAT(FaultsOf(WriteOwn, 1, 32, memory.data()), ElementsAre(Fault::kHostMemory));
}

__global__ void PointAtLocal(int* out) {
  CTXFIT_SHARED(int*, pointer);
  volatile int local = static_cast<int>(threadIdx.x);
  if (threadIdx.x == 0) pointer = const_cast<int*>(&local);
  __syncthreads();
  out[threadIdx.x] = *pointer + local;
}

TEST_F(AccessTest, LocalVariablesAreTheirThreadsAlone) {
  const auto out = Zeros(2);
  EXPECT_THAT(FaultsOf(PointAtLocal, 1, 2, out.data()), ElementsAre(Fault::kForeignStack));
}

__global__ void WriteDouble(char* at) { *reinterpret_cast<double*>(at) = 1; }

TEST_F(AccessTest, AddressesAreMultiplesOfSizes) {
  const auto out = Zeros(8);
  char* begin = reinterpret_cast<char*>(out.data());
  EXPECT_THAT(FaultsOf(WriteDouble, 1, 1, begin + 8), IsEmpty());
  EXPECT_THAT(FaultsOf(WriteDouble, 1, 1, begin + 4), ElementsAre(Fault::kAlignment));
}

}  // namespace
}  // namespace ctxfit::emulator
