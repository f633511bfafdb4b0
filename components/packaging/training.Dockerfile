# What a training in a cloud runs in with PyTorch or TensorFlow, or for longer than a function may. `pulumi up` builds
# it; without Pulumi, from the project's folder:
#
#   docker build -f components/packaging/training.Dockerfile --build-arg CLOUD=aws --build-arg FRAMEWORK=pytorch \
#       --platform linux/arm64 --provenance=false -t training .
#
# With provenance it would be an index of images, which Lambda does not take. CLOUD is aws, or gcp or azure, whose
# processors are linux/amd64.

ARG CLOUD=aws
ARG FRAMEWORK=sklearn

# Their makers keep mending what the tags name. To stay with one, append the digest that this prints, as in
# 3.13@sha256:...
#   docker buildx imagetools inspect public.ecr.aws/lambda/python:3.13
FROM public.ecr.aws/lambda/python:3.13 AS on-aws

FROM python:3.13-slim AS on-gcp

FROM on-gcp AS on-azure

# hadolint ignore=DL3006
FROM on-${CLOUD} AS sklearn
# Where Lambda looks for code, and anybody else may.
WORKDIR /var/task
COPY requirements/training.txt requirements/
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/training.txt

FROM sklearn AS tensorflow
COPY requirements/tensorflow.txt requirements/
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/tensorflow.txt

FROM sklearn AS pytorch
COPY requirements/pytorch.txt requirements/
# PyPI's torch brings 5 GB of CUDA along. The one for processors is on an index of PyTorch's own, with hashes that the
# lock does not know: it is held by its release, everything else by hashes.
RUN sed -E '/^(torch|triton|nvidia-|cuda-)/,/[^\\]$/d' requirements/pytorch.txt >requirements/pytorch-others.txt \
    && pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/pytorch-others.txt \
    && pip install --no-cache-dir --only-binary :all: --no-deps --index-url https://download.pytorch.org/whl/cpu \
        "$(sed -nE 's/^(torch==[^ ]+).*/\1/p' requirements/pytorch.txt)"

# hadolint ignore=DL3006
FROM ${FRAMEWORK} AS code
# Whatever the modes are here: Lambda's user, and nobody, must be able to read it all.
COPY --chmod=755 function_code /var/task/function_code

FROM code AS aws
CMD ["function_code.entrypoints.aws.train.train"]

FROM code AS gcp
# nobody
USER 65534
CMD ["python", "-m", "function_code.entrypoints.gcp.train_job"]

FROM code AS azure
# nobody
USER 65534
CMD ["python", "-m", "function_code.entrypoints.azure.train_job"]

# hadolint ignore=DL3006
FROM ${CLOUD}
